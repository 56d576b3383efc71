//! Streams that go well.

use std::time::{Duration, Instant};

use graphbit_testkit::{Reply, Script, Server};
use serde_json::{Value, json};

use crate::client::{CHAT, ask_stream, once};

#[tokio::test]
async fn a_stream_has_role_pieces_finish_and_done() {
    let script = Script::default().otherwise(Reply::text("one two three").finish_reason("length"));
    let server = Server::start(script).await.unwrap();
    let reply = once(&server, CHAT, &ask_stream("x")).await.unwrap();
    assert_eq!(reply.headers["content-type"], "text/event-stream; charset=utf-8");
    let events = reply.events();
    assert_eq!((events.len(), reply.chunks), (6, 6), "each event is a chunk");
    let parsed: Vec<Value> = events[..5].iter().map(|event| serde_json::from_str(event).unwrap()).collect();
    let deltas: Vec<&Value> = parsed.iter().map(|event| &event["choices"][0]["delta"]).collect();
    assert_eq!(deltas[0], &json!({"role": "assistant", "content": ""}));
    assert_eq!(
        deltas[1..4],
        [&json!({"content": "one "}), &json!({"content": "two "}), &json!({"content": "three"})]
    );
    assert_eq!(parsed[4]["choices"][0], json!({"index": 0, "delta": {}, "finish_reason": "length"}));
    assert_eq!(events[5], "[DONE]");
    assert!(
        parsed.iter().all(|event| event["object"] == "chat.completion.chunk" && event.get("usage").is_none())
    );
}

#[tokio::test]
async fn usage_ends_the_stream_where_it_was_asked_for() {
    let script = Script::default().otherwise(Reply::text("x").usage(7, 8));
    let server = Server::start(script).await.unwrap();
    let mut body = ask_stream("x");
    body["stream_options"] = json!({"include_usage": true});
    let events = once(&server, CHAT, &body).await.unwrap().events();
    let usage: Value = serde_json::from_str(&events[events.len() - 2]).unwrap();
    assert_eq!(usage["choices"], json!([]));
    assert_eq!(usage["usage"], json!({"prompt_tokens": 7, "completion_tokens": 8, "total_tokens": 15}));
}

#[tokio::test]
async fn pieces_come_one_by_one_at_their_beat() {
    let script =
        Script::default().otherwise(Reply::text("abc").pieces(10).piece_delay(Duration::from_millis(5)));
    let server = Server::start(script).await.unwrap();
    let start = Instant::now();
    let reply = once(&server, CHAT, &ask_stream("x")).await.unwrap();
    let took = start.elapsed();
    assert_eq!(reply.events().len(), 1 + 10 + 1 + 1);
    assert!(took >= Duration::from_millis(45) && took < Duration::from_secs(2), "{took:?}");
}

#[tokio::test]
async fn a_long_stream_is_whole() {
    let script = Script::default().otherwise(Reply::filled(200_000).pieces(5_000));
    let server = Server::start(script).await.unwrap();
    let reply = once(&server, CHAT, &ask_stream("x")).await.unwrap();
    assert_eq!(reply.events().len(), 5_003);
    assert!(server.stats().bytes_written > 200_000);
}

#[tokio::test]
async fn a_scripted_error_answers_a_stream_request_with_plain_json() {
    let script = Script::default().otherwise(Reply::status(503).header("Retry-After", "2"));
    let server = Server::start(script).await.unwrap();
    let reply = once(&server, CHAT, &ask_stream("x")).await.unwrap();
    assert_eq!((reply.status, reply.headers["Retry-After"].as_str()), (503, "2"));
    assert_eq!(
        (reply.headers["content-type"].as_str(), &reply.json()["error"]["type"]),
        ("application/json", &json!("server_error"))
    );
}
