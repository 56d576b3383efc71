//! Retries over real connections.

use std::sync::Arc;
use std::time::{Duration, Instant};

use graphbit_core::Error;
use graphbit_llm::layer::Retry;
use graphbit_testkit::{Reply, Script};
use graphbit_testkit::{Rule, Server};

use crate::support::{ask, client, code, config, serve, stream, timed};

fn retrying(url: String, retries: u32) -> Retry {
    Retry::new(Arc::new(client(config(url))), retries)
}

#[tokio::test]
async fn a_server_that_recovers_is_waited_for_as_it_advises() {
    let server = serve(Reply::echo()).await;
    for (keys, at_least) in [
        ("status=503,retry_after_ms=30,times=2", 60),
        ("status=429,retry_after_ms=40,times=2", 80),
        ("reset_after=5,retry_after_ms=1,times=1", 0),
    ] {
        let start = Instant::now();
        assert_eq!(ask(&retrying(server.base_url_with(keys), 2)).await.unwrap(), "echo: x", "{keys}");
        assert!(start.elapsed() >= Duration::from_millis(at_least), "{keys}: {:?}", start.elapsed());
    }
    assert_eq!(server.stats().requests, 3 + 3 + 2);
    let bodies: Vec<_> = server.journal().into_iter().map(|seen| seen.body).collect();
    assert!(bodies.iter().all(|body| *body == bodies[0]), "the same bytes each time");
}

#[tokio::test]
async fn whole_seconds_are_advice_too() {
    let server = serve(Reply::echo()).await;
    let start = Instant::now();
    let model = retrying(server.base_url_with("status=429,retry_after=1,times=1"), 1);
    assert_eq!(stream(&model).await.0, "echo: x");
    assert!(start.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn attempts_are_counted_and_spent() {
    let server = serve(Reply::status(503).header("retry-after-ms", "5")).await;
    let error: Error = ask(&retrying(server.base_url(), 2)).await.unwrap_err();
    assert_eq!((server.stats().requests, error.context().attempts), (3, Some(3)));
    assert!(!error.is_retryable());
    assert_eq!(
        server.stats().connections_opened,
        1,
        "an error reply leaves its connection to the next attempt"
    );
}

#[tokio::test]
async fn what_would_fail_again_is_asked_once() {
    let server = serve(Reply::status(401)).await;
    let error = ask(&retrying(server.base_url(), 5)).await.unwrap_err();
    assert_eq!((server.stats().requests, code(&error)), (1, "AUTH"));
}

#[tokio::test]
async fn a_stream_that_has_begun_is_not_begun_again() {
    let server = serve(Reply::text("so far").without_end()).await;
    let (text, _, error) = stream(&retrying(server.base_url(), 5)).await;
    assert_eq!((text.as_str(), server.stats().requests), ("so far", 1));
    assert_eq!(code(&error.unwrap()), "TRUNCATED");
}

#[tokio::test]
async fn a_clock_that_ran_out_is_tried_again() {
    let script = Script::default().rule(Rule::new(Reply::echo().never()).times(1));
    let server = Server::start(script).await.unwrap();
    let config = timed(server.base_url(), |timeouts| timeouts.headers = Duration::from_secs(1));
    let model = Retry::new(Arc::new(client(config)), 1);
    assert_eq!(ask(&model).await.unwrap(), "echo: x");
    assert_eq!(server.stats().requests, 2);
}
