//! How often a connection is opened.

use std::sync::Arc;
use std::time::{Duration, Instant};

use graphbit_llm::{Client, Connections};
use graphbit_testkit::{Reply, Script, Server};

use crate::support::{ask, client, config, environment, serve, stream, until};

#[tokio::test]
async fn calls_and_streams_in_a_row_share_one_connection() {
    let server = serve(Reply::filled(2000).pieces(20)).await;
    let model = client(config(server.base_url()));
    for _ in 0..20 {
        ask(&model).await.unwrap();
        assert!(stream(&model).await.2.is_none());
    }
    assert_eq!((server.stats().requests, server.stats().connections_opened), (40, 1));
}

#[tokio::test]
async fn streams_over_one_worker_thread_share_one_connection_too() {
    let server = Server::builder(Script::default()).start_in_thread().unwrap();
    let model = client(config(server.base_url()));
    for _ in 0..20 {
        assert_eq!(stream(&model).await.0, "echo: x");
    }
    assert_eq!(server.stats().connections_opened, 1);
}

#[tokio::test]
async fn an_error_reply_leaves_its_connection_to_the_next_call() {
    let script =
        Script::default().when_nth(2, Reply::status(429)).when_nth(4, Reply::status(500).html("<h1>no</h1>"));
    let server = Server::start(script.when_nth(6, Reply::status(200).html("<h1>no</h1>"))).await.unwrap();
    let model = client(config(server.base_url()));
    for n in 1..=8 {
        assert_eq!(ask(&model).await.is_ok(), ![2, 4, 6].contains(&n), "call {n}");
    }
    assert_eq!(server.stats().connections_opened, 1);
}

#[tokio::test]
async fn a_server_that_leaves_the_connection_open_after_the_end_does_not_hold_the_reader_up() {
    let end = "data: {\"choices\":[{\"delta\":{\"content\":\"all\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n: x\n";
    let reply = Reply::status(200)
        .body(end, "text/event-stream")
        .cuts([end.len() - 4])
        .piece_delay(Duration::from_secs(30));
    let server = serve(reply).await;
    let start = Instant::now();
    let (text, _, error) = stream(&client(config(server.base_url()))).await;
    assert!(text == "all" && error.is_none(), "{error:?}");
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_pool_is_shared_by_configurations_that_connect_alike() {
    let server = serve(Reply::echo()).await;
    let connections = Connections::default();
    for model in ["a", "b", "c"] {
        let config = Arc::new(config(server.base_url()).model(model).environment(&environment(&[])));
        let model = Client::new(Arc::clone(&config), connections.get(&config).unwrap());
        ask(&model).await.unwrap();
    }
    assert_eq!(server.stats().connections_opened, 1);
}

#[tokio::test]
async fn a_pool_is_given_up_after_a_burst_only() {
    let server = serve(Reply::echo().latency(Duration::from_millis(100))).await;
    let config = Arc::new(config(server.base_url()));
    let connections = Connections::default();
    let burst = async |calls: usize| {
        let model = Client::new(Arc::clone(&config), connections.get(&config).unwrap());
        let all = futures_util::future::join_all((0..calls).map(|_| ask(&model))).await;
        assert!(all.iter().all(Result::is_ok));
    };
    burst(10).await;
    connections.close_more_than(10);
    burst(20).await;
    assert_eq!((server.stats().connections_opened, server.stats().connections_open), (20, 20));
    assert!(connections.has_more_than(10));
    connections.close_more_than(10);
    until(&server, |stats| stats.connections_open == 0).await;
    burst(1).await;
    assert_eq!(server.stats().connections_opened, 21);
    assert!(!connections.has_more_than(10), "a new pool");
}
