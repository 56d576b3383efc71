use std::time::Duration;

use futures_util::{FutureExt, StreamExt};
use tokio::time::Instant;

use super::*;
use crate::layer::scripted::{answer, called, model, slow, unavailable};
use crate::{Event, Request, complete};

fn limited(calls: usize) -> (Arc<Concurrency>, ConcurrencyLimit) {
    let limit = ConcurrencyLimit::new(calls).unwrap();
    let (model, _) = called(|| Ok(slow(answer("a b"))));
    (Arc::new(Concurrency::new(model, limit.clone())), limit)
}

#[tokio::test(start_paused = true)]
async fn no_more_than_so_many_calls_are_under_way_and_they_go_in_order() {
    let (model, limit) = limited(2);
    let start = Instant::now();
    let calls = (0..6).map(|_| {
        let model = Arc::clone(&model);
        async move {
            complete(&*model, Request::prompt("hi")).await.unwrap();
            start.elapsed().as_secs()
        }
    });
    // A reply of seven events takes seven seconds.
    assert_eq!(futures_util::future::join_all(calls).await, [7, 7, 14, 14, 21, 21]);
    assert_eq!(limit.free(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_place_is_held_until_the_reply_has_ended_or_is_dropped() {
    let (model, limit) = limited(1);
    let mut events = model.stream(Request::prompt("hi")).await.unwrap();
    assert_eq!(limit.free(), 0);
    assert!(model.stream(Request::prompt("hi")).now_or_never().is_none(), "the place is taken");
    while !matches!(events.next().await, Some(Ok(Event::Finished { .. }))) {
        assert_eq!(limit.free(), 0);
    }
    assert_eq!(limit.free(), 1, "the reply has ended, though its reader keeps it");
    let unread = model.stream(Request::prompt("hi")).await.unwrap();
    assert_eq!(limit.free(), 0);
    drop(unread);
    assert_eq!(limit.free(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_cancelled_while_it_waits_gives_its_turn_up() {
    let (model, _) = limited(1);
    let held = model.stream(Request::prompt("hi")).await.unwrap();
    let mut first = Box::pin(model.stream(Request::prompt("hi")));
    let second = {
        let model = Arc::clone(&model);
        tokio::spawn(async move { complete(&*model, Request::prompt("hi")).await })
    };
    assert!((&mut first).now_or_never().is_none());
    tokio::time::sleep(Duration::from_millis(1)).await;
    drop(first);
    drop(held);
    second.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_failed_call_leaves_its_place() {
    let limit = ConcurrencyLimit::new(1).unwrap();
    let (failing, _) = model(vec![Err(unavailable()), Ok(vec![Err(unavailable())]), Ok(answer("a"))]);
    let model = Concurrency::new(failing, limit.clone());
    for _ in 0..2 {
        assert!(complete(&model, Request::prompt("hi")).await.is_err());
    }
    complete(&model, Request::prompt("hi")).await.unwrap();
    assert_eq!(limit.free(), 1);
}

#[test]
fn a_limit_of_none_is_refused_by_name() {
    let error = ConcurrencyLimit::new(0).unwrap_err();
    assert!(error.code().as_str() == "CONFIG" && error.message().contains("maxConcurrency"), "{error}");
}
