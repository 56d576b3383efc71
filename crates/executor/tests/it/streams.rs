//! Replies that are pulled.

use std::sync::Arc;
use std::time::{Duration, Instant};

use graphbit_core::{Error, ErrorCode};
use graphbit_executor::{Caller, Profile, Pull};
use graphbit_llm::{Event, Model, Request};
use graphbit_testkit::{Reply, Script, Server};
use serde_json::json;

use crate::support::{Told, config, until};

async fn stream(reply: Reply) -> (Server, Caller, Pull) {
    let server = Server::start(Script::default().otherwise(reply)).await.unwrap();
    let caller = Caller::new(config(&server).max_retries(0), Profile::low_latency());
    let pull = caller.stream(Request::prompt("hello")).await.unwrap();
    (server, caller, pull)
}

fn text(events: &[Event]) -> String {
    events
        .iter()
        .filter_map(|event| if let Event::Delta { text, .. } = event { Some(text.as_str()) } else { None })
        .collect()
}

/// Everything until the end or the error.
async fn rest(pull: &mut Pull) -> (Vec<Event>, Option<Error>) {
    let mut events = Vec::new();
    loop {
        match pull.next().await {
            Ok(Some(pulled)) => events.extend(pulled.events),
            Ok(None) => return (events, None),
            Err(error) => return (events, Some(error)),
        }
    }
}

#[tokio::test]
async fn pieces_arrive_before_the_end_and_join_to_the_text() {
    let reply = Reply::text("one two three four five six").piece_delay(Duration::from_millis(40)).usage(5, 6);
    let began = Instant::now();
    let (_server, caller, mut pull) = stream(reply).await;
    let mut events = Vec::new();
    let mut first = None;
    let mut pulls = 0;
    while let Some(pulled) = pull.next().await.unwrap() {
        assert!(!pulled.events.is_empty());
        events.extend(pulled.events);
        pulls += 1;
        if first.is_none() && !text(&events).is_empty() {
            first = Some(began.elapsed());
        }
    }
    let (first, whole) = (first.unwrap(), began.elapsed());
    println!("first text after {first:?}, the end after {whole:?}, {pulls} pulls");
    assert!(first < whole / 2 && whole >= Duration::from_millis(5 * 40));
    assert_eq!(text(&events), "one two three four five six");
    assert!(pulls >= 4);
    assert!(matches!(events.last(), Some(Event::Finished { .. })));
    assert!(pull.next().await.unwrap().is_none(), "the end stays the end");
    let stats = caller.stats();
    assert_eq!((stats.successful_requests, stats.failed_requests, stats.total_tokens), (1, 0, 11));
}

#[tokio::test]
async fn what_has_arrived_comes_in_one_pull_of_bounded_size() {
    let (server, _caller, mut pull) = stream(Reply::filled(1 << 20).pieces(20_000)).await;
    until("much is on its way", || server.stats().bytes_written > 100 << 10).await;
    let began = Instant::now();
    let (mut whole, mut pulls, mut most) = (0, 0, 0);
    let lease = pull.lease().clone();
    let reader = lease.spawn(async move {
        while let Some(pulled) = pull.next().await.unwrap() {
            let texts: usize = text(&pulled.events).len();
            let held = size_of_val(&*pulled.events) + texts;
            assert!(held < Pull::MOST_BYTES + 1024, "{held} bytes");
            (whole, pulls, most) = (whole + texts, pulls + 1, most.max(pulled.events.len()));
        }
        (whole, pulls, most)
    });
    let (whole, pulls, most) = reader.await.unwrap();
    println!("20,000 pieces in {pulls} pulls, at most {most} in one, {:?}", began.elapsed());
    assert_eq!(whole, 1 << 20);
    assert!(most > 20, "{most} in one");
}

#[tokio::test]
async fn an_error_comes_after_the_events_before_it() {
    let reply =
        Reply::text("so far so good").error_in_stream(json!({ "error": { "message": "overloaded" } }));
    let (_server, caller, mut pull) = stream(reply).await;
    let (events, error) = rest(&mut pull).await;
    assert_eq!(text(&events), "so far so good");
    let error = error.unwrap();
    assert!(error.message().contains("overloaded"), "{error}");
    assert_eq!(error.partial().map(|partial| partial.text_bytes), Some(14));
    assert!(pull.next().await.unwrap().is_none(), "an error is said once");
    assert_eq!((caller.stats().successful_requests, caller.stats().failed_requests), (0, 1));
}

#[tokio::test]
async fn a_stream_without_its_end_is_truncated() {
    let (_server, _caller, mut pull) = stream(Reply::text("cut off").without_end()).await;
    let (events, error) = rest(&mut pull).await;
    assert_eq!((text(&events).as_str(), error.unwrap().code()), ("cut off", ErrorCode::Truncated));
}

#[tokio::test]
async fn dropping_a_pull_closes_its_connection() {
    let (server, caller, mut pull) =
        stream(Reply::text("drip ").drip_forever(Duration::from_millis(5))).await;
    assert!(pull.next().await.unwrap().is_some());
    assert_eq!(caller.stats().total_requests, 1);
    drop(pull);
    until("the connection closes", || server.stats().closed_early == 1).await;
    assert_eq!(caller.stats().failed_requests, 1, "a reply that nobody read to its end");
}

#[tokio::test]
async fn dropping_a_waiting_next_loses_nothing() {
    let reply = Reply::text("a b c d e f g h").piece_delay(Duration::from_millis(15));
    let (_server, _caller, mut pull) = stream(reply).await;
    let mut events = Vec::new();
    loop {
        match tokio::time::timeout(Duration::from_millis(4), pull.next()).await {
            Ok(Ok(Some(pulled))) => events.extend(pulled.events),
            Ok(Ok(None)) => break,
            Ok(Err(error)) => panic!("{error}"),
            Err(_) => {}
        }
    }
    assert_eq!(text(&events), "a b c d e f g h");
}

#[tokio::test]
async fn a_model_made_by_hand_streams_too() {
    let model = Told::new(|prompt| async move { Ok(format!("{prompt}!")) });
    let caller = Caller::new(Arc::clone(&model) as Arc<dyn Model>, Profile::low_latency());
    let mut pull = caller.stream(Request::prompt("hi")).await.unwrap();
    let (events, error) = rest(&mut pull).await;
    assert_eq!((text(&events).as_str(), error.is_none()), ("hi!", true));
}

#[tokio::test]
async fn a_slow_reader_slows_the_server() {
    let (server, _caller, mut pull) = stream(Reply::text("more and ").endless()).await;
    assert!(pull.next().await.unwrap().is_some());
    // Nothing is read any more: the kernel's buffers fill, and then the server must wait.
    let mut before = 0;
    let mut steady = 0;
    let began = Instant::now();
    while steady < 5 {
        tokio::time::sleep(Duration::from_millis(40)).await;
        let now = server.stats().bytes_written;
        steady = if now == before { steady + 1 } else { 0 };
        before = now;
        assert!(began.elapsed() < Duration::from_secs(30), "still writing: {now} bytes");
    }
    println!("the server stopped at {:.1} MB ahead of the reader", before as f64 / 1e6);
    assert!(before < 64 << 20, "{before} bytes");
    while server.stats().bytes_written <= before {
        assert!(pull.next().await.unwrap().is_some(), "reading lets the server go on");
    }
    drop(pull);
    until("the connection closes", || server.stats().connections_open == 0).await;
}
