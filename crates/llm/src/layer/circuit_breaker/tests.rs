use std::time::Duration;

use futures_util::StreamExt;
use tokio::time::advance;

use super::*;
use crate::layer::Retry;
use crate::layer::scripted::{Calls, Outcome, answer, broken, called, model, slow, unavailable};
use crate::{Request, complete};

fn breaker(outcomes: Vec<Outcome>) -> (CircuitBreaker, Circuit, Calls) {
    let circuit = Circuit::new(2, Duration::from_secs(30)).unwrap();
    let (model, calls) = model(outcomes);
    (CircuitBreaker::new(model, circuit.clone()), circuit, calls)
}

async fn ask(model: &dyn Model) -> &'static str {
    match complete(model, Request::prompt("hi")).await {
        Ok(_) => "ok",
        Err(error) => error.code().as_str(),
    }
}

#[tokio::test(start_paused = true)]
async fn it_opens_after_failures_in_a_row_and_one_good_call_closes_it() {
    let (model, circuit, calls) = breaker(vec![
        Err(unavailable()),
        Ok(answer("fine")),
        Err(unavailable()),
        Err(unavailable()),
        Ok(answer("back")),
        Ok(answer("again")),
    ]);
    for outcome in ["UNAVAILABLE", "ok", "UNAVAILABLE", "UNAVAILABLE"] {
        assert!(!circuit.is_open());
        assert_eq!(ask(&model).await, outcome);
    }
    advance(Duration::from_secs(10)).await;
    let error = complete(&model, Request::prompt("hi")).await.unwrap_err();
    assert_eq!((error.code(), error.retry_after()), (ErrorCode::CircuitOpen, Some(Duration::from_secs(20))));
    assert!(error.message().contains("2 times in a row") && error.message().contains("down"), "{error}");
    assert_eq!(calls.count(), 4, "nobody was asked");
    advance(Duration::from_secs(20)).await;
    assert_eq!((ask(&model).await, ask(&model).await), ("ok", "ok"));
}

#[tokio::test(start_paused = true)]
async fn a_failed_probe_opens_it_for_another_cool_down() {
    let (model, circuit, _) = breaker(vec![Err(unavailable()), Err(unavailable()), Err(unavailable())]);
    for _ in 0..2 {
        ask(&model).await;
    }
    advance(Duration::from_secs(30)).await;
    assert_eq!(ask(&model).await, "UNAVAILABLE");
    assert!(circuit.is_open());
    assert_eq!(ask(&model).await, "CIRCUIT_OPEN");
}

#[tokio::test(start_paused = true)]
async fn one_call_probes_and_a_cancelled_probe_leaves_it_to_the_next() {
    let circuit = Circuit::new(1, Duration::from_secs(1)).unwrap();
    let (failing, _) = model(vec![Err(unavailable())]);
    assert_eq!(ask(&CircuitBreaker::new(failing, circuit.clone())).await, "UNAVAILABLE");
    advance(Duration::from_secs(1)).await;
    let (fine, calls) = called(|| Ok(slow(answer("a"))));
    let model = CircuitBreaker::new(fine, circuit.clone());
    let probe = model.stream(Request::prompt("hi")).await.unwrap();
    let refused = complete(&model, Request::prompt("hi")).await.unwrap_err();
    assert!(
        refused.message().contains("one call is trying it now") && refused.retry_after().is_none(),
        "{refused}"
    );
    drop(probe);
    let mut probe = model.stream(Request::prompt("hi")).await.unwrap();
    probe.next().await.unwrap().unwrap();
    assert_eq!(ask(&model).await, "ok", "the first event closes it, however long the reply is");
    assert_eq!(calls.count(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_reply_that_breaks_off_is_a_failure_also_of_a_probe_that_had_begun() {
    let cut = || Error::new(ErrorCode::Truncated, "cut");
    let (model, circuit, _) = breaker(vec![Ok(broken(cut())), Ok(broken(unavailable())), Ok(broken(cut()))]);
    assert_eq!((ask(&model).await, ask(&model).await), ("TRUNCATED", "UNAVAILABLE"));
    assert!(circuit.is_open());
    advance(Duration::from_secs(30)).await;
    assert_eq!(ask(&model).await, "TRUNCATED");
    assert!(circuit.is_open());
}

#[tokio::test(start_paused = true)]
async fn what_is_the_callers_fault_counts_as_nothing() {
    let fault = |code| Err(Error::new(code, "no").status(400));
    let (model, circuit, _) = breaker(vec![
        Err(unavailable()),
        fault(ErrorCode::Rejected),
        fault(ErrorCode::Auth),
        fault(ErrorCode::RateLimited),
        Err(unavailable()),
        fault(ErrorCode::Rejected),
        Ok(answer("a")),
    ]);
    for _ in 0..5 {
        ask(&model).await;
    }
    assert!(circuit.is_open(), "two failures with nothing good between them");
    advance(Duration::from_secs(30)).await;
    assert_eq!(ask(&model).await, "REJECTED");
    assert_eq!(ask(&model).await, "ok", "a refusal says that the endpoint is there");
}

#[tokio::test(start_paused = true)]
async fn a_call_from_before_says_nothing_of_the_time_after() {
    let circuit = Circuit::new(1, Duration::from_secs(60)).unwrap();
    let (slow, _) = called(|| Ok(slow(answer("a"))));
    let old = CircuitBreaker::new(slow, circuit.clone());
    let events = old.stream(Request::prompt("hi")).await.unwrap();
    let (failing, _) = model(vec![Err(unavailable())]);
    ask(&CircuitBreaker::new(failing, circuit.clone())).await;
    assert_eq!(events.filter(|event| std::future::ready(event.is_err())).count().await, 0);
    assert!(circuit.is_open());
}

#[tokio::test(start_paused = true)]
async fn retries_do_not_wait_for_an_open_circuit() {
    let (breaker, _, calls) = breaker(vec![Err(unavailable()), Err(unavailable())]);
    let start = tokio::time::Instant::now();
    assert_eq!(ask(&Retry::new(Arc::new(breaker), 9)).await, "CIRCUIT_OPEN");
    assert!(calls.count() == 2 && start.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_circuit_that_never_closes_is_refused_by_name() {
    assert!(
        Circuit::new(0, Duration::from_secs(1)).unwrap_err().message().contains("circuitBreaker.failures")
    );
    assert!(Circuit::new(1, Duration::ZERO).unwrap_err().message().contains("circuitBreaker.cooldownMs"));
}
