//! The journal, the counts, and how soon a client's leaving is noticed.

use std::time::Duration;

use graphbit_testkit::{Outcome, Reply, Script, Server};
use serde_json::{Value, json};

use crate::client::{CHAT, Client, ask, ask_stream, get, once, post, wait_for};

#[tokio::test]
async fn the_journal_shows_each_request_and_its_end() {
    let server = Server::start(Script::default()).await.unwrap();
    let mut client = Client::connect(&server).await;
    let body = ask("x").to_string();
    let head = format!(
        "POST {CHAT}?a=b HTTP/1.1\r\nauthorization: Bearer  sk-1 \r\nX-A: 1\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    client.send(format!("{head}{body}").as_bytes()).await;
    client.reply().await.unwrap();
    client.send(&get("/v1/models")).await;
    client.reply().await.unwrap();
    wait_for(&server, |_, journal| journal.len() == 2 && journal[1].finished()).await;
    let journal = server.journal();
    let first = &journal[0];
    assert_eq!(
        (first.number, first.method.as_str(), first.path.as_str()),
        (1, "POST", "/v1/chat/completions?a=b")
    );
    assert_eq!(first.authorization.as_deref(), Some("Bearer  sk-1"));
    assert_eq!((first.headers["x-a"].as_str(), &first.body), ("1", &ask("x")));
    assert!(first.finished() && first.status == Some(200) && first.ended_ms.unwrap() >= first.at_ms);
    assert_eq!((&journal[1].authorization, &journal[1].body), (&None, &Value::Null));
    assert_eq!(journal[0].bytes_written + journal[1].bytes_written, server.stats().bytes_written);
}

#[tokio::test]
async fn a_client_that_leaves_is_noticed_within_milliseconds_whatever_the_server_waits_for() {
    let slow = Duration::from_secs(60);
    for (reply, body) in [
        (Reply::echo().never(), ask("x")),
        (Reply::echo().latency(slow), ask("x")),
        (Reply::echo().slow_headers(slow), ask("x")),
        (Reply::text("a b").piece_delay(slow), ask_stream("x")),
        (Reply::echo().drip_forever(slow), ask_stream("x")),
    ] {
        let server = Server::start(Script::default().otherwise(reply)).await.unwrap();
        let mut client = Client::connect(&server).await;
        client.send(&post(CHAT, &body)).await;
        wait_for(&server, |stats, _| stats.in_flight == 1).await;
        drop(client);
        let took =
            wait_for(&server, |stats, journal| stats.in_flight == 0 && journal[0].closed_early()).await;
        assert!(took < Duration::from_millis(500), "{took:?}");
        assert_eq!((server.stats().closed_early, server.stats().connections_open), (1, 0));
    }
}

#[tokio::test]
async fn closing_an_idle_connection_is_no_early_close() {
    let server = Server::start(Script::default()).await.unwrap();
    once(&server, CHAT, &ask("x")).await.unwrap();
    wait_for(&server, |stats, _| stats.connections_open == 0).await;
    assert_eq!((server.stats().closed_early, server.stats().connections_opened), (0, 1));
}

#[tokio::test]
async fn the_journal_is_bounded() {
    let server = Server::builder(Script::default()).journal_limit(2).start().await.unwrap();
    let mut client = Client::connect(&server).await;
    for n in 0..4 {
        client.chat(CHAT, &ask(&n.to_string())).await.unwrap();
    }
    let numbers: Vec<u64> = server.journal().iter().map(|exchange| exchange.number).collect();
    assert_eq!(numbers, [3, 4]);
}

#[tokio::test]
async fn clear_starts_the_books_and_the_rules_anew() {
    let server = Server::start(Script::default().when_nth(1, Reply::text("first"))).await.unwrap();
    for _ in 0..2 {
        let mut client = Client::connect(&server).await;
        assert_eq!(client.chat(CHAT, &ask("x")).await.unwrap().content(), "first");
        assert_eq!(client.chat(CHAT, &ask("x")).await.unwrap().content(), "echo: x");
        assert_eq!(server.stats().requests, 2);
        server.clear();
        assert_eq!(
            (server.stats().requests, server.journal().len(), server.stats().bytes_written),
            (0, 0, 0)
        );
    }
    server.set_script(Script::default().otherwise(Reply::text("new")));
    assert_eq!(once(&server, CHAT, &ask("x")).await.unwrap().content(), "new");
}

#[tokio::test]
async fn another_process_reads_the_same_books() {
    let server = Server::start(Script::default()).await.unwrap();
    let mut client = Client::connect(&server).await;
    client.chat(CHAT, &ask("x")).await.unwrap();
    client.send(&get("/testkit/journal")).await;
    let journal = client.reply().await.unwrap().json();
    assert_eq!((&journal[0]["body"], &journal[0]["outcome"]), (&ask("x"), &json!("finished")));
    client.send(&get("/testkit/stats")).await;
    assert_eq!(client.reply().await.unwrap().json()["requests"], 1);

    let script = json!({"default": {"text": "new"}});
    assert_eq!(client.chat("/testkit/script", &script).await.unwrap().status, 200);
    assert_eq!(client.chat(CHAT, &ask("x")).await.unwrap().content(), "new");
    assert_eq!(client.chat("/testkit/script", &json!({"defalt": {}})).await.unwrap().status, 400);
    assert_eq!(client.chat("/testkit/clear", &json!({})).await.unwrap().status, 200);
    assert_eq!((server.stats().requests, server.journal().len()), (0, 0));
    assert_eq!(client.chat("/testkit/nothing", &json!({})).await.unwrap().status, 404);
}

#[tokio::test]
async fn faults_are_told_from_early_closes() {
    let server = Server::start(Script::default().otherwise(Reply::echo().cut_after(1))).await.unwrap();
    let mut client = Client::connect(&server).await;
    client.send(&post(CHAT, &ask("x"))).await;
    client.rest().await.unwrap();
    wait_for(&server, |_, journal| journal[0].outcome == Outcome::Faulted).await;
    assert_eq!(server.stats().closed_early, 0);
}
