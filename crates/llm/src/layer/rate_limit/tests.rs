use std::time::Duration;

use futures_util::future::join_all;
use futures_util::{FutureExt, StreamExt};
use graphbit_core::{ErrorCode, Retry as Advice};
use tokio::time::Instant;

use super::*;
use crate::layer::scripted::{answer, broken, called, model, slow, unavailable};
use crate::protocol::{RateState, Window};
use crate::{Request, complete};

fn limits(requests: Option<u32>, tokens: Option<u64>, max_wait_s: u64) -> RateLimits {
    let max_wait = Duration::from_secs(max_wait_s);
    let options = RateLimitOptions { requests_per_minute: requests, tokens_per_minute: tokens, max_wait };
    RateLimits::new(options).unwrap()
}

/// A model whose every reply counts 30 tokens.
fn limited(limits: &RateLimits) -> Arc<RateLimit> {
    let (model, _) = called(|| Ok(Box::pin(futures_util::stream::iter(answer("hi")))));
    Arc::new(RateLimit::new(model, limits.clone()))
}

/// A request that is estimated at so many tokens.
fn costing(tokens: usize) -> Request {
    Request::prompt("x".repeat(tokens * 4))
}

/// In which second each of some calls at once is done.
async fn seconds(model: &Arc<RateLimit>, calls: usize, tokens: usize) -> Vec<u64> {
    let start = Instant::now();
    let calls = (0..calls).map(|_| async {
        complete(&**model, costing(tokens)).await.unwrap();
        start.elapsed().as_secs_f64().round() as u64
    });
    join_all(calls).await
}

fn told(requests: Option<(u64, u64, u64)>, tokens: Option<(u64, u64, u64)>) -> RateState {
    let window = |(limit, remaining, reset)| Window {
        limit: Some(limit),
        remaining: Some(remaining),
        reset: Some(Duration::from_secs(reset)),
    };
    RateState { requests: requests.map(window), tokens: tokens.map(window) }
}

#[tokio::test(start_paused = true)]
async fn calls_over_the_minutes_requests_wait_their_turn_in_order() {
    let model = limited(&limits(Some(6), None, 600));
    assert_eq!(seconds(&model, 9, 1).await, [0, 0, 0, 0, 0, 0, 10, 20, 30]);
}

#[tokio::test(start_paused = true)]
async fn tokens_are_estimated_first_and_corrected_by_the_vendors_count() {
    // Each is estimated at 100 tokens and costs 30, so that a call gives 70 back when its reply has come.
    let model = limited(&limits(None, Some(120), 600));
    assert_eq!(seconds(&model, 3, 100).await, [0, 5, 20], "90 left of 120; 100 need 5 s more at 2 a second");
    // And 30 are taken where 1 was estimated: what is over is waited for later.
    let model = limited(&limits(None, Some(60), 600));
    assert_eq!(seconds(&model, 4, 1).await, [0, 0, 1, 31]);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_never_fits_fails_at_once_and_says_how_large_it_is() {
    let model = limited(&limits(None, Some(100), 600));
    let mut request = costing(50);
    request.settings.max_tokens = Some(60);
    let error = complete(&*model, request).await.unwrap_err();
    assert_eq!((error.code(), error.is_retryable()), (ErrorCode::RateLimited, false));
    assert!(
        error.message().contains("110 tokens") && error.message().contains("tokensPerMinute (100)"),
        "{error}"
    );
    assert_eq!(error.context().provider.as_deref(), Some("test"));
}

#[tokio::test(start_paused = true)]
async fn a_call_that_would_wait_too_long_fails_at_once_with_how_long() {
    let model = limited(&limits(Some(1), None, 90));
    complete(&*model, costing(1)).await.unwrap();
    let mut waiting = Box::pin(complete(&*model, costing(1)));
    assert!((&mut waiting).now_or_never().is_none(), "a minute is within the wait");
    let error = complete(&*model, costing(1)).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::RateLimited);
    assert_eq!(error.retry_after().unwrap().as_secs(), 120, "behind the one that waits");
    assert!(!error.is_retryable() && error.message().contains("rateLimit.maxWaitMs (90000)"), "{error}");
    waiting.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_while_it_waits_gives_its_turn_up() {
    let model = limited(&limits(Some(1), None, 600));
    complete(&*model, costing(1)).await.unwrap();
    let start = Instant::now();
    let mut dropped: Vec<_> = (0..5).map(|_| Box::pin(complete(&*model, costing(1)))).collect();
    assert!(dropped.iter_mut().all(|call| call.now_or_never().is_none()));
    let last = complete(&*model, costing(1));
    let (_, last) = tokio::join!(async { dropped.clear() }, last);
    last.unwrap();
    assert_eq!(start.elapsed().as_secs_f64().round() as u64, 60, "not six minutes");
}

#[tokio::test(start_paused = true)]
async fn what_a_server_has_left_is_learnt() {
    let limits = limits(None, None, 600);
    let model = limited(&limits);
    limits.learn(&told(Some((10, 2, 40)), None));
    // Eight are missing and come back within 40 s: one each 5 s. After that the server has said nothing.
    assert_eq!(seconds(&model, 12, 1).await, [0, 0, 5, 10, 15, 20, 25, 30, 35, 40, 40, 40]);
    limits.learn(&told(None, Some((1000, 0, 60))));
    assert_eq!(seconds(&model, 1, 500).await, [30]);
    limits.learn(&told(None, Some((1000, 0, 3600))));
    let error = complete(&*model, costing(500)).await.unwrap_err();
    assert_eq!(error.retry_after().unwrap().as_secs(), 1800);
    limits.learn(&told(None, Some((1000, 1000, 3600))));
    assert_eq!(seconds(&model, 1, 500).await, [0]);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_refuses_one_call_holds_the_others_back_too() {
    let limits = limits(None, Some(1000), 600);
    let refusal = Error::new(ErrorCode::RateLimited, "slow").retry(Advice::After(Duration::from_secs(20)));
    let (refusing, _) = model(vec![Err(refusal)]);
    assert!(complete(&RateLimit::new(refusing, limits.clone()), costing(600)).await.is_err());
    assert_eq!(seconds(&limited(&limits), 1, 1000).await, [20], "and its tokens are given back");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_within_a_reply_holds_the_others_back_too() {
    let limits = limits(None, Some(1000), 600);
    let refusal = Error::new(ErrorCode::RateLimited, "slow").retry(Advice::After(Duration::from_secs(20)));
    let (refusing, _) = model(vec![Ok(broken(refusal))]);
    assert!(complete(&RateLimit::new(refusing, limits.clone()), costing(1)).await.is_err());
    assert_eq!(seconds(&limited(&limits), 1, 1).await, [20]);
}

#[tokio::test(start_paused = true)]
async fn a_failed_call_took_a_request_but_no_tokens() {
    let limits = limits(Some(2), Some(100), 600);
    let (failing, _) = model(vec![Err(unavailable())]);
    assert!(complete(&RateLimit::new(failing, limits.clone()), costing(100)).await.is_err());
    assert_eq!(seconds(&limited(&limits), 2, 40).await, [0, 30]);
}

#[tokio::test(start_paused = true)]
async fn a_correction_wakes_the_call_that_waits_for_it() {
    let limits = limits(None, Some(100), 600);
    let (slow, _) = called(|| Ok(slow(answer("a"))));
    let model = RateLimit::new(slow, limits);
    let mut first = model.stream(costing(100)).await.unwrap();
    let start = Instant::now();
    let second = async {
        drop(model.stream(costing(60)).await.unwrap());
        start.elapsed().as_secs()
    };
    let (second, ()) = tokio::join!(second, async { while first.next().await.is_some() {} });
    assert_eq!(second, 5, "with the usage, the fifth event, not with the bucket");
}

#[test]
fn a_limit_of_none_is_refused_by_name() {
    for (requests, tokens, name) in [(Some(0), None, "requestsPerMinute"), (None, Some(0), "tokensPerMinute")]
    {
        let options = RateLimitOptions {
            requests_per_minute: requests,
            tokens_per_minute: tokens,
            ..Default::default()
        };
        let error = RateLimits::new(options).unwrap_err();
        assert!(error.message().contains(name), "{error}");
    }
}
