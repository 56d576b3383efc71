//! Everything that can go wrong, byte by byte.

use std::io;
use std::time::{Duration, Instant};

use graphbit_testkit::{Outcome, Reply, Script, Server};
use serde_json::json;
use tokio::time::timeout;

use crate::client::{CHAT, Client, ask, ask_stream, once, post, wait_for};

async fn serve(reply: Reply) -> Server {
    Server::start(Script::default().otherwise(reply)).await.unwrap()
}

#[tokio::test]
async fn never_answers_not() {
    let server = serve(Reply::echo().never()).await;
    let mut client = Client::connect(&server).await;
    client.send(&post(CHAT, &ask("x"))).await;
    assert!(timeout(Duration::from_millis(60), client.reply()).await.is_err());
    assert_eq!((server.stats().in_flight, server.stats().bytes_written), (1, 0));
}

#[tokio::test]
async fn hang_up_ends_the_connection_without_a_byte() {
    let server = serve(Reply::echo().hang_up()).await;
    let mut client = Client::connect(&server).await;
    client.send(&post(CHAT, &ask("x"))).await;
    assert!(client.rest().await.unwrap().is_empty());
    wait_for(&server, |_, journal| journal[0].outcome == Outcome::Faulted && journal[0].status.is_none())
        .await;
}

#[tokio::test]
async fn a_cut_leaves_exactly_so_many_bytes_of_the_body() {
    let server = serve(Reply::echo().cut_after(10)).await;
    let mut client = Client::connect(&server).await;
    client.send(&post(CHAT, &ask("x"))).await;
    let all = String::from_utf8(client.rest().await.unwrap()).unwrap();
    let (head, body) = all.split_once("\r\n\r\n").unwrap();
    let length: usize = head.split("content-length: ").nth(1).unwrap().parse().unwrap();
    assert!(length > 10);
    assert_eq!(body, r#"{"id":"cha"#);

    let mut client = Client::connect(&server).await;
    client.send(&post(CHAT, &ask_stream("x"))).await;
    let all = String::from_utf8(client.rest().await.unwrap()).unwrap();
    assert!(all.ends_with("\r\ndata: {\"id"), "{all}");
    assert_eq!(server.journal()[1].status, Some(200));

    let server = serve(Reply::status(200).body("0123456789", "text/plain").cuts([4, 4]).cut_after(6)).await;
    let mut client = Client::connect(&server).await;
    client.send(&post(CHAT, &ask("x"))).await;
    assert!(
        client.rest().await.unwrap().ends_with(b"\r\n\r\n4\r\n0123\r\n4\r\n45"),
        "counted over all chunks"
    );

    let server = serve(Reply::echo().cut_after(100_000)).await;
    assert_eq!(once(&server, CHAT, &ask("short")).await.unwrap().content(), "echo: short");
}

#[tokio::test]
async fn a_reset_is_a_reset() {
    let server = serve(Reply::echo().reset_after(5)).await;
    let mut client = Client::connect(&server).await;
    client.send(&post(CHAT, &ask("x"))).await;
    assert!(client.until(b"\r\n\r\n").await.unwrap().starts_with(b"HTTP/1.1 200"));
    assert_eq!(client.exactly(5).await.unwrap(), br#"{"id""#);
    assert_eq!(client.rest().await.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn a_drip_goes_on() {
    let server = serve(Reply::echo().drip_forever(Duration::from_millis(2))).await;
    let mut client = Client::connect(&server).await;
    client.send(&post(CHAT, &ask_stream("x"))).await;
    let start = Instant::now();
    for n in 0..5 {
        client.until(format!("piece {n} ").as_bytes()).await.unwrap();
    }
    assert!(start.elapsed() >= Duration::from_millis(8));
    let mut client = Client::connect(&server).await;
    client.send(&post(CHAT, &ask("x"))).await;
    for _ in 0..5 {
        client.until(b"1\r\n \r\n").await.unwrap();
    }
}

#[tokio::test]
async fn an_endless_reply_is_held_back_by_a_client_that_does_not_read() {
    for (reply, body) in [
        (Reply::echo().endless(), ask_stream("x")),
        (Reply::echo().endless(), ask("x")),
        (Reply::echo().endless_line(), ask_stream("x")),
    ] {
        let server = serve(reply).await;
        let mut client = Client::connect(&server).await;
        client.send(&post(CHAT, &body)).await;
        wait_for(&server, |stats, _| stats.bytes_written > 0).await;
        let mut held = 0;
        let start = Instant::now();
        loop {
            tokio::time::sleep(Duration::from_millis(50)).await;
            let now = server.stats().bytes_written;
            if now == held {
                break;
            }
            held = now;
            assert!(start.elapsed() < Duration::from_secs(10), "still writing after {held} bytes");
        }
        assert!(held < 64 << 20, "{held} bytes are more than the sockets hold");
        client.exactly(usize::try_from(held).unwrap() + 1_000_000).await.unwrap();
        assert!(server.stats().bytes_written > held, "it goes on when the client reads on");
        drop(client);
        let took = wait_for(&server, |stats, _| stats.closed_early == 1 && stats.connections_open == 0).await;
        assert!(took < Duration::from_secs(1), "{took:?}");
    }
}

#[tokio::test]
async fn an_endless_line_has_no_end_of_line() {
    let server = serve(Reply::echo().endless_line()).await;
    let mut client = Client::connect(&server).await;
    client.send(&post(CHAT, &ask_stream("x"))).await;
    client.until(b"data: ").await.unwrap();
    let read = client.exactly(300_000).await.unwrap();
    // Chunk framing has line ends of its own: a size, and what ends the chunk before.
    let text = String::from_utf8(read).unwrap();
    assert!(text.split("\r\n").all(|part| !part.contains('\n')));
}

#[tokio::test]
async fn slow_headers_send_the_status_line_first() {
    let wait = Duration::from_millis(300);
    let server = serve(Reply::echo().slow_headers(wait)).await;
    let mut client = Client::connect(&server).await;
    let start = Instant::now();
    client.send(&post(CHAT, &ask("x"))).await;
    client.until(b"HTTP/1.1 200 OK\r\n").await.unwrap();
    assert!(start.elapsed() < wait);
    client.until(b"\r\n\r\n").await.unwrap();
    assert!(start.elapsed() >= wait);
}

#[tokio::test]
async fn a_stream_without_its_end_still_ends_its_body() {
    let server = serve(Reply::text("a b").without_end()).await;
    let mut client = Client::connect(&server).await;
    let events = client.chat(CHAT, &ask_stream("x")).await.unwrap().events();
    assert_eq!(events.len(), 3);
    assert!(events.iter().all(|event| event.contains(r#""finish_reason":null"#)));
    assert_eq!(client.chat(CHAT, &ask("x")).await.unwrap().content(), "a b", "unary replies are whole");
}

#[tokio::test]
async fn an_error_can_come_within_a_reply_of_status_200() {
    let event = json!({"error": {"message": "overloaded", "code": 502}});
    let server = serve(Reply::text("a").error_in_stream(event.clone())).await;
    let reply = once(&server, CHAT, &ask_stream("x")).await.unwrap();
    let events = reply.events();
    assert_eq!((reply.status, events.len()), (200, 3));
    assert_eq!(events[2], event.to_string());
    let reply = once(&server, CHAT, &ask("x")).await.unwrap();
    assert_eq!((reply.status, reply.json()), (200, event));
}

#[tokio::test]
async fn bodies_are_sent_as_they_are() {
    let server = serve(Reply::status(502).html("<p>down</p>")).await;
    let reply = once(&server, CHAT, &ask_stream("x")).await.unwrap();
    assert_eq!(
        (reply.status, reply.headers["content-type"].as_str(), reply.text().as_str()),
        (502, "text/html", "<p>down</p>")
    );

    let server = serve(
        Reply::status(200)
            .body("data: \u{e9}\n\n", "text/event-stream")
            .cuts([7, 1])
            .piece_delay(Duration::from_millis(1)),
    )
    .await;
    let reply = once(&server, "/anything/else", &json!({})).await.unwrap();
    assert_eq!((reply.text().as_str(), reply.chunks), ("data: \u{e9}\n\n", 3), "a character may be cut");
}
