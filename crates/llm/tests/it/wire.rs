//! What a server may say and do on a connection, byte by byte: read right, and the connection kept only where that is safe.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use graphbit_llm::{Connections, Model, Request, complete};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{ask, client, code, config};

const JSON: &str = r#"{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}]}"#;

/// A server whose every request gets the next of these replies, the last of them again and again; `None` closes the connection.
struct Raw {
    url: String,
    opened: Arc<AtomicUsize>,
}

async fn raw(replies: Vec<Option<String>>) -> Raw {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    let opened = Arc::new(AtomicUsize::new(0));
    let (counter, replies, next) = (Arc::clone(&opened), Arc::new(replies), Arc::new(AtomicUsize::new(0)));
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(answer(socket, Arc::clone(&replies), Arc::clone(&next)));
        }
    });
    Raw { url, opened }
}

async fn answer(mut socket: TcpStream, replies: Arc<Vec<Option<String>>>, next: Arc<AtomicUsize>) {
    while request(&mut socket).await {
        let at = next.fetch_add(1, Ordering::Relaxed).min(replies.len() - 1);
        let Some(reply) = &replies[at] else { return };
        socket.write_all(reply.as_bytes()).await.unwrap();
        if reply.contains("close") {
            return;
        }
    }
}

/// Reads a request; false where the connection has ended.
async fn request(socket: &mut TcpStream) -> bool {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match socket.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return false,
        }
    }
    let head = String::from_utf8(head).unwrap().to_lowercase();
    let length =
        head.split("content-length: ").nth(1).unwrap().split("\r\n").next().unwrap().parse().unwrap();
    let mut body = vec![0; length];
    socket.read_exact(&mut body).await.is_ok()
}

fn whole(fields: &str) -> Option<String> {
    let length = JSON.len();
    Some(format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{fields}content-length: {length}\r\n\r\n{JSON}"
    ))
}

#[tokio::test]
async fn replies_of_every_form_are_read() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";
    let (first, second) = JSON.split_at(20);
    for (reply, is_kept) in [
        (whole("").unwrap(), true),
        (format!("HTTP/1.1 100 Continue\r\n\r\n{}", whole("").unwrap()), true),
        (
            format!(
                "{head}Transfer-Encoding: chunked\r\n\r\n14\r\n{first}\r\n{:x};x=y\r\n{second}\r\n0\r\na: b\r\n\r\n",
                second.len()
            ),
            true,
        ),
        (format!("{head}connection: close\r\n\r\n{JSON}"), false),
        (
            format!("HTTP/1.0 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n{JSON}"),
            false,
        ),
        // What follows a reply unasked is not taken for the next one.
        (format!("{}HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n", whole("").unwrap()), false),
        // Two lengths that differ in kind: who reads the other one sees another end.
        (
            format!(
                "{head}transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n{:x}\r\n{JSON}\r\n0\r\n\r\n",
                JSON.len()
            ),
            false,
        ),
    ] {
        let server = raw(vec![Some(reply.clone())]).await;
        let model = client(config(&server.url));
        for _ in 0..2 {
            assert_eq!(ask(&model).await.unwrap(), "hi", "{reply}");
        }
        assert_eq!(server.opened.load(Ordering::Relaxed), if is_kept { 1 } else { 2 }, "{reply}");
    }
}

#[tokio::test]
async fn replies_of_no_form_are_network_errors_that_say_why() {
    for (reply, why) in [
        ("SSH-2.0-OpenSSH_9.2\r\n", "no HTTP/1.1 reply"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}", "two lengths"),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n", "chunk has no length"),
        ("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n", "another protocol"),
    ] {
        let error = ask(&client(config(raw(vec![Some(reply.to_owned())]).await.url))).await.unwrap_err();
        assert!(code(&error) == "NETWORK" && error.message().contains(why), "{reply}: {error}");
    }
}

#[tokio::test]
async fn a_connection_that_the_server_has_closed_meanwhile_is_not_used_again() {
    let server = raw(vec![whole("connection: keep-alive\r\nx-then: close\r\n")]).await;
    let model = client(config(&server.url));
    for calls in 1..=5 {
        assert_eq!(ask(&model).await.unwrap(), "hi");
        assert_eq!(server.opened.load(Ordering::Relaxed), calls);
        tokio::time::sleep(Duration::from_millis(20)).await; // until the end has arrived here
    }
}

#[tokio::test]
async fn a_connection_that_breaks_before_the_reply_is_not_tried_again_behind_the_callers_back() {
    let server = raw(vec![whole(""), None]).await;
    let model = client(config(&server.url));
    assert!(ask(&model).await.is_ok());
    let error = ask(&model).await.unwrap_err();
    assert_eq!((code(&error), error.is_retryable()), ("NETWORK", true), "{error}");
    assert!(error.message().contains("closed the connection"), "{error}");
    assert_eq!(server.opened.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_refusal_that_comes_before_the_request_is_sent_is_heard() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((mut socket, _)) = listener.accept().await {
            // Reads next to nothing of a request of 20 MB.
            let _ = socket.read(&mut [0; 1024]).await;
            let refusal = "HTTP/1.1 413 Too Large\r\ncontent-length: 15\r\n\r\nthat is too big";
            socket.write_all(refusal.as_bytes()).await.unwrap();
            held.push(socket);
        }
    });
    let prompt = "x".repeat(20_000_000);
    let config = Arc::new(config(url));
    let model = graphbit_llm::Client::new(Arc::clone(&config), Connections::default().get(&config).unwrap());
    let asked =
        tokio::time::timeout(Duration::from_secs(20), complete(&model, Request::prompt(prompt))).await;
    let error = asked.expect("the reply is read while the request is sent").unwrap_err();
    assert_eq!(error.context().status, Some(413), "{error}");
    assert!(error.message().contains("too big"), "{error}");
    assert_eq!(model.info().provider, "openai");
}

#[tokio::test]
async fn a_reply_that_begins_before_the_request_is_sent_does_not_end_its_sending() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n";
        socket.write_all(head.as_bytes()).await.unwrap();
        assert!(request(&mut socket).await, "all of it arrives");
        socket.write_all(JSON.as_bytes()).await.unwrap();
    });
    let model = client(config(url));
    let asked = tokio::time::timeout(
        Duration::from_secs(20),
        complete(&model, Request::prompt("x".repeat(20_000_000))),
    );
    assert_eq!(asked.await.expect("it is not waited for in vain").unwrap().text, "hi");
}

#[tokio::test]
async fn a_task_that_did_much_already_does_not_take_a_closed_connection_for_an_open_one() {
    let server = raw(vec![whole("")]).await;
    let model = client(config(&server.url));
    let all = futures_util::future::join_all((0..300).map(|_| ask(&model))).await;
    assert!(all.iter().all(Result::is_ok));
    let closing = raw(vec![whole("x-then: close\r\n")]).await;
    let model = client(config(&closing.url));
    for _ in 0..2 {
        let all = futures_util::future::join_all((0..300).map(|_| ask(&model))).await;
        assert!(all.iter().all(Result::is_ok), "{:?}", all.iter().find(|one| one.is_err()));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[test]
fn a_port_that_is_none_is_refused_before_anything_is_sent() {
    for port in ["114340", "80x", "0"] {
        let error = config(format!("http://localhost:{port}/v1"));
        let error = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(ask(&client(error)))
            .unwrap_err();
        assert!(code(&error) == "CONFIG" && error.message().contains("port"), "{port}: {error}");
    }
}
