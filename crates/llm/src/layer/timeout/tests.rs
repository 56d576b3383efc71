use futures_util::StreamExt;

use super::*;
use crate::layer::Retry;
use crate::layer::scripted::{answer, called, slow, unavailable};
use crate::{Request, complete};

#[tokio::test(start_paused = true)]
async fn all_attempts_and_waits_share_one_deadline() {
    let (failing, calls) = called(|| Ok(slow(vec![Err(unavailable())])));
    let model = Timeout::new(Arc::new(Retry::new(failing, 100)), Duration::from_secs(5)).unwrap();
    let start = Instant::now();
    let error = complete(&model, Request::prompt("hi")).await.unwrap_err();
    assert_eq!(start.elapsed().as_secs(), 5);
    assert!(calls.count() > 1);
    assert_eq!((error.code(), error.context().clock), (ErrorCode::Timeout, Some("total")));
    assert!(error.message().contains("totalTimeoutMs (5000 ms)") && !error.is_retryable(), "{error}");
    assert_eq!(error.context().model.as_deref(), Some("unit"));
}

#[tokio::test(start_paused = true)]
async fn a_reply_is_cut_at_the_deadline_after_what_had_arrived() {
    let (slow, _) = called(|| Ok(slow(answer("a b c"))));
    let model = Timeout::new(slow, Duration::from_millis(2500)).unwrap();
    let mut events = model.stream(Request::prompt("hi")).await.unwrap();
    assert!(events.next().await.unwrap().is_ok() && events.next().await.unwrap().is_ok());
    assert_eq!(events.next().await.unwrap().unwrap_err().context().clock, Some("total"));
    assert!(events.next().await.is_none(), "an error is the last item");
}

#[tokio::test(start_paused = true)]
async fn a_call_in_time_is_left_alone() {
    let (slow, _) = called(|| Ok(slow(answer("a b c"))));
    let model = Timeout::new(slow, Duration::MAX).unwrap();
    assert_eq!(complete(&model, Request::prompt("hi")).await.unwrap().text, "a b c");
}

#[test]
fn no_time_is_refused_by_name() {
    let error = Timeout::new(called(|| Ok(slow(Vec::new()))).0, Duration::ZERO).err().unwrap();
    assert!(error.message().contains("totalTimeoutMs"), "{error}");
}
