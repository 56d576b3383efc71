//! HTTP/1.1: keep-alive, pipelining, both kinds of bodies, what is refused.

use std::time::{Duration, Instant};

use graphbit_testkit::{Reply, Script, Server};
use serde_json::json;

use crate::client::{CHAT, Client, ask, get, once, post};

#[tokio::test]
async fn one_connection_serves_many_requests() {
    let server = Server::start(Script::default()).await.unwrap();
    let mut client = Client::connect(&server).await;
    for n in 1..=3 {
        let reply = client.chat(CHAT, &ask(&n.to_string())).await.unwrap();
        assert_eq!((reply.status, reply.headers["content-type"].as_str()), (200, "application/json"));
        assert_eq!(reply.headers["x-request-id"], format!("req_testkit_{n}"));
        assert_eq!(reply.content(), format!("echo: {n}"));
    }
    assert_eq!((server.stats().requests, server.stats().connections_opened), (3, 1));
}

#[tokio::test]
async fn requests_sent_ahead_are_answered_in_order_even_while_one_waits() {
    let script =
        Script::default().when_contains("slow", Reply::text("slow").latency(Duration::from_millis(30)));
    let server = Server::start(script).await.unwrap();
    let mut client = Client::connect(&server).await;
    client.send(&[post(CHAT, &ask("slow")), post(CHAT, &ask("two"))].concat()).await;
    tokio::time::sleep(Duration::from_millis(10)).await;
    client.send(&post(CHAT, &ask("three"))).await;
    for content in ["slow", "echo: two", "echo: three"] {
        assert_eq!(client.reply().await.unwrap().content(), content);
    }
    assert_eq!(server.stats().closed_early, 0);
}

#[tokio::test]
async fn a_request_in_single_bytes_and_chunks_is_read() {
    let server = Server::start(Script::default()).await.unwrap();
    let body = ask("bit by bit").to_string();
    let (one, two) = body.split_at(9);
    let bytes = format!(
        "POST {CHAT} HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n{:x};x=y\r\n{one}\r\n{:X}\r\n{two}\r\n0\r\nX-Trailer: 1\r\n\r\n",
        one.len(),
        two.len()
    );
    let mut client = Client::connect(&server).await;
    for byte in bytes.as_bytes() {
        client.send(&[*byte]).await;
        tokio::task::yield_now().await;
    }
    assert_eq!(client.reply().await.unwrap().content(), "echo: bit by bit");
    assert_eq!(client.chat(CHAT, &ask("next")).await.unwrap().content(), "echo: next");
}

#[tokio::test]
async fn a_client_that_asks_before_sending_its_body_is_told_to_go_on() {
    let server = Server::start(Script::default()).await.unwrap();
    let mut client = Client::connect(&server).await;
    let body = ask("x").to_string();
    client
        .send(
            format!("POST {CHAT} HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: {}\r\n\r\n", body.len())
                .as_bytes(),
        )
        .await;
    assert_eq!(client.until(b"\r\n\r\n").await.unwrap(), b"HTTP/1.1 100 Continue\r\n\r\n");
    client.send(body.as_bytes()).await;
    assert_eq!(client.reply().await.unwrap().content(), "echo: x");
}

#[tokio::test]
async fn a_reply_can_be_chunked_and_can_end_its_connection() {
    let script = Script::default().otherwise(Reply::echo().chunked().header("Connection", "close"));
    let server = Server::start(script).await.unwrap();
    let mut client = Client::connect(&server).await;
    let reply = client.chat(CHAT, &ask("x")).await.unwrap();
    assert_eq!((reply.content().as_str(), reply.chunks), ("echo: x", 1));
    assert!(client.rest().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_client_may_ask_for_the_end_of_the_connection() {
    let server = Server::start(Script::default()).await.unwrap();
    for head in ["HTTP/1.1\r\nConnection: close", "HTTP/1.0\r\nHost: x"] {
        let mut client = Client::connect(&server).await;
        client.send(format!("GET /v1/models {head}\r\n\r\n").as_bytes()).await;
        assert_eq!(client.reply().await.unwrap().status, 200);
        assert!(client.rest().await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn models_and_embeddings_are_served() {
    let server = Server::start(Script::default()).await.unwrap();
    let mut client = Client::connect(&server).await;
    client.send(&get("/v1/models?limit=1")).await;
    assert_eq!(client.reply().await.unwrap().json()["data"][0]["object"], "model");
    let ask = json!({"model": "e", "input": ["a", "b", "a"]});
    let data = client.chat("/v1/embeddings", &ask).await.unwrap().json()["data"].take();
    assert_eq!(
        (&data[0]["embedding"], data[0]["embedding"].as_array().unwrap().len()),
        (&data[2]["embedding"], 8)
    );
    assert_ne!(data[0]["embedding"], data[1]["embedding"]);
}

#[tokio::test]
async fn what_is_no_request_is_refused_with_a_reason() {
    let server = Server::start(Script::default()).await.unwrap();
    let long = format!("GET /{} HTTP/1.1\r\n", "x".repeat(70_000));
    for (bytes, status) in [
        ("nonsense\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\ncontent-length: x\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\ncontent-length: 99999999999\r\n\r\n", 413),
        ("POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", 400),
        ("POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n1\r\nabc", 400),
        ("POST / HTTP/1.1\r\ntransfer-encoding: gzip\r\n\r\n", 501),
        (long.as_str(), 431),
    ] {
        let mut client = Client::connect(&server).await;
        client.send(bytes.as_bytes()).await;
        let reply = client.reply().await.unwrap();
        assert_eq!(reply.status, status, "{}", reply.text());
        assert!(reply.json()["error"]["message"].is_string());
    }
    assert_eq!(server.stats().requests, 0);
}

#[tokio::test]
async fn a_route_or_body_that_does_not_fit_is_an_error_of_the_usual_shape() {
    let server = Server::start(Script::default()).await.unwrap();
    assert_eq!(once(&server, "/v1/messages", &json!({})).await.unwrap().status, 404);
    assert_eq!(once(&server, CHAT, &json!("text")).await.unwrap().status, 400);
    assert_eq!(
        once(&server, "/v1/embeddings", &json!({})).await.unwrap().json()["error"]["type"],
        "invalid_request_error"
    );
}

#[tokio::test]
async fn latency_is_waited_out_and_requests_wait_side_by_side() {
    let script = Script::default().otherwise(Reply::echo().latency(Duration::from_millis(40)));
    let server = Server::start(script).await.unwrap();
    let start = Instant::now();
    let body = ask("x");
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let address = server.address();
        let body = body.clone();
        running.spawn(async move {
            let socket = tokio::net::TcpStream::connect(address).await.unwrap();
            Client::over(socket).chat(CHAT, &body).await.unwrap().status
        });
    }
    assert!(running.join_all().await.iter().all(|status| *status == 200));
    let took = start.elapsed();
    assert!(took >= Duration::from_millis(40) && took < Duration::from_millis(700), "{took:?}");
    assert_eq!((server.stats().peak_in_flight, server.stats().in_flight), (20, 0));
}

#[test]
fn a_server_in_a_thread_of_its_own_needs_no_runtime_and_ends_when_dropped() {
    use std::io::{Read, Write};
    let server = Server::builder(Script::default()).journal_limit(0).start_in_thread().unwrap();
    let mut client = std::net::TcpStream::connect(server.address()).unwrap();
    client.write_all(&post(CHAT, &ask("x"))).unwrap();
    let mut start = [0; 15];
    client.read_exact(&mut start).unwrap();
    assert_eq!(&start, b"HTTP/1.1 200 OK");
    assert!(server.journal().is_empty());
    drop(server);
    let mut rest = Vec::new();
    let _ = client.read_to_end(&mut rest);
}
