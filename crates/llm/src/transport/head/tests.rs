use bytes::Bytes;
use http::header::{AUTHORIZATION, HOST};
use http::{HeaderValue, Request};
use proptest::prelude::*;

use super::super::body::Extent;
use super::super::place::name;
use super::{Head, read, tunnel};

fn reply(text: &str) -> Head {
    let (head, rest) = read(&mut text.into(), 0).unwrap().unwrap();
    assert_eq!(rest, "");
    head
}

fn refused(text: &str) -> String {
    read(&mut text.into(), 0).unwrap_err().to_string()
}

fn written(request: &Request<Bytes>, proxy: Option<Option<&HeaderValue>>) -> Vec<u8> {
    super::written(request, &name(request.uri()), proxy)
}

fn post(url: &str) -> Request<Bytes> {
    Request::post(url).header(AUTHORIZATION, "Bearer k").body(Bytes::from_static(b"{}")).unwrap()
}

#[test]
fn a_request_is_written_with_its_length_and_its_host() {
    let text = |request: &Request<Bytes>| String::from_utf8(written(request, None)).unwrap();
    let agent = concat!("graphbit/", env!("CARGO_PKG_VERSION"));
    assert_eq!(
        text(&post("http://a.example:8080/v1/chat?x=1")),
        format!(
            "POST /v1/chat?x=1 HTTP/1.1\r\nhost: a.example:8080\r\nuser-agent: {agent}\r\naccept: */*\r\ncontent-length: 2\r\nauthorization: Bearer k\r\n\r\n"
        )
    );
    assert!(text(&post("https://a.example:443")).starts_with("POST / HTTP/1.1\r\nhost: a.example\r\n"));
    assert!(text(&post("http://[::1]:80/v1")).contains("\r\nhost: [::1]\r\n"));
    let get = Request::get("http://a/v1").header(HOST, "b").body(Bytes::new()).unwrap();
    assert!(
        text(&get).contains("host: b\r\n")
            && !text(&get).contains("host: a")
            && !text(&get).contains("content-length")
    );
}

#[test]
fn a_target_is_written_as_a_url_may_have_it() {
    let first = |url: &str| {
        let text = String::from_utf8(written(&post(url), None)).unwrap();
        text.lines().next().unwrap().to_owned()
    };
    assert_eq!(first("http://a?x=1"), "POST /?x=1 HTTP/1.1");
    assert_eq!(first("http://a/v1/%7Bx%7D"), "POST /v1/%7Bx%7D HTTP/1.1");
    assert_eq!(first("http://a/mod\u{e8}le"), "POST /mod%C3%A8le HTTP/1.1");
}

#[test]
fn a_length_that_was_given_is_not_believed() {
    let request =
        Request::post("http://a/").header("content-length", "9").header("transfer-encoding", "chunked");
    let text = String::from_utf8(written(&request.body(Bytes::from_static(b"1")).unwrap(), None)).unwrap();
    assert!(
        text.contains("content-length: 1\r\n") && !text.contains('9') && !text.contains("chunked"),
        "{text}"
    );
}

#[test]
fn a_proxy_is_told_the_whole_url_and_who_asks() {
    let who = HeaderValue::from_static("Basic dTpw");
    let text = |who| String::from_utf8(written(&post("http://a:81/v1"), Some(who))).unwrap();
    assert!(text(Some(&who)).starts_with("POST http://a:81/v1 HTTP/1.1\r\nhost: a:81\r\n"));
    assert!(text(Some(&who)).contains("\r\nproxy-authorization: Basic dTpw\r\n"));
    assert!(!text(None).contains("proxy-authorization"));
    let own = Request::post("http://a/").header("proxy-authorization", "Own").body(Bytes::new()).unwrap();
    let own = String::from_utf8(written(&own, Some(Some(&who)))).unwrap();
    assert!(own.contains("proxy-authorization: Own") && !own.contains("Basic"), "{own}");
    let text = String::from_utf8(tunnel("a:443", Some(&who))).unwrap();
    assert!(text.starts_with("CONNECT a:443 HTTP/1.1\r\nhost: a:443\r\n"), "{text}");
    assert!(text.ends_with("proxy-authorization: Basic dTpw\r\n\r\n"), "{text}");
}

#[test]
fn how_far_a_body_goes_is_what_the_head_says() {
    for (fields, extent, keeps_open) in [
        ("content-length: 5", Extent::Bytes(5), true),
        ("content-length: 5\r\nContent-Length: 5", Extent::Bytes(5), true),
        ("content-length: 5, 5", Extent::Bytes(5), true),
        ("content-length: 0", Extent::Bytes(0), true),
        ("transfer-encoding: chunked", Extent::chunked(), true),
        ("Transfer-Encoding: gzip, Chunked", Extent::chunked(), true),
        ("transfer-encoding: chunked\r\ncontent-length: 5", Extent::chunked(), false),
        ("transfer-encoding: gzip", Extent::ToTheEnd, false),
        ("x: y", Extent::ToTheEnd, false),
        ("content-length: 5\r\nconnection: close", Extent::Bytes(5), false),
        ("content-length: 5\r\nConnection: foo, Close", Extent::Bytes(5), false),
    ] {
        let head = reply(&format!("HTTP/1.1 200 OK\r\n{fields}\r\n\r\n"));
        assert_eq!((head.extent, head.keeps_open), (extent, keeps_open), "{fields}");
    }
    assert_eq!(reply("HTTP/1.1 204 No Content\r\n\r\n").extent, Extent::Bytes(0));
    assert!(!reply("HTTP/1.0 200 OK\r\ncontent-length: 5\r\n\r\n").keeps_open);
    assert!(reply("HTTP/1.0 200 OK\r\ncontent-length: 5\r\nconnection: Keep-Alive\r\n\r\n").keeps_open);
}

#[test]
fn a_reply_may_arrive_byte_by_byte_and_after_others_that_only_announce_it() {
    let text = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 429 Too Many\r\nretry-after: 2\r\n\r\n";
    let whole = format!("{text}rest");
    for cut in 0..text.len() {
        let mut bytes = whole.as_bytes().get(..cut).unwrap().to_vec();
        assert!(read(&mut bytes, cut.saturating_sub(1)).unwrap().is_none(), "{cut}");
        assert_eq!(bytes.len(), cut, "nothing is lost");
    }
    let (head, rest) = read(&mut whole.into(), text.len() - 1).unwrap().unwrap();
    assert_eq!((head.parts.status.as_u16(), &*rest), (429, &b"rest"[..]));
    assert_eq!(head.parts.headers.get("retry-after").unwrap(), "2");
}

#[test]
fn what_is_no_reply_is_refused() {
    assert!(refused("SSH-2.0-OpenSSH\r\n\r\n").contains("no HTTP/1.1 reply"));
    assert!(
        refused("HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n").contains("two lengths")
    );
    for length in ["-1", "+5", "5x", "", "99999999999999999999"] {
        let text = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n");
        assert!(refused(&text).contains("no number"), "{length}");
    }
    assert!(refused("HTTP/1.1 101 Switching Protocols\r\n\r\n").contains("another protocol"));
    let endless = format!("HTTP/1.1 200 OK\r\nx: {}", "y".repeat(70_000));
    assert!(refused(&endless).contains("65536"));
    let announcing = "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(4000);
    assert!(refused(&announcing).contains("65536"), "others without end that only announce it");
    let crowded = format!("HTTP/1.1 200 OK\r\n{}\r\n", "x: y\r\n".repeat(200));
    assert!(refused(&crowded).contains("header"), "{}", refused(&crowded));
}

/// Replies to damage: each way to say how long one is, and one that others announce.
const WHOLE: [&str; 4] = [
    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 12\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\nConnection: keep-alive, close\r\n\r\n",
    "HTTP/1.0 429 Too Many Requests\r\nretry-after: 7\r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
];

proptest! {
    #[test]
    fn a_damaged_reply_is_read_the_same_wherever_it_is_cut(
        whole in prop::sample::select(&WHOLE[..]),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), any::<bool>()), 0..5),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        let mut bytes = whole.as_bytes().to_vec();
        for (at, byte, is_added) in damage {
            let at = at.index(bytes.len());
            if is_added { bytes.insert(at, byte) } else { bytes[at] = byte }
        }
        bytes.push(b'\n'); // nothing is looked at again before a line ends
        let mut ends: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len())).collect();
        ends.sort_unstable();
        ends.push(bytes.len());
        let said = |read: std::io::Result<Option<(Head, Bytes)>>| format!("{read:?}");
        let (mut so_far, mut in_pieces) = (Vec::new(), said(Ok(None)));
        for end in ends {
            let seen = so_far.len();
            so_far.extend_from_slice(&bytes[seen..end]);
            let read = read(&mut so_far, seen).map(|read| {
                // What comes behind the head is handed on by whoever reads.
                read.map(|(head, rest)| (head, [&rest, &bytes[end..]].concat().into()))
            });
            in_pieces = said(read);
            if in_pieces != said(Ok(None)) {
                break;
            }
            prop_assert_eq!(so_far.len(), end);
        }
        let at_once = said(read(&mut bytes.clone(), 0));
        // What is wrong may show before all is there, and in other words.
        let is_same = in_pieces == at_once || (in_pieces.starts_with("Err") && at_once.starts_with("Err"));
        prop_assert!(is_same, "{in_pieces}\n{at_once}");
    }
}
