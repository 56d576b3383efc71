use std::sync::Mutex;
use std::time::Duration;

use graphbit_core::{Error, ErrorCode, Retry as Advice};
use tokio::time::Instant;

use super::*;
use crate::{Event, FinishReason, MockModel, complete};

/// A model that answers with these outcomes in turn: an error, or a text after which it may still fail.
fn model(outcomes: Vec<std::result::Result<Vec<Result<Event>>, Error>>) -> (Arc<MockModel>, Arc<Mutex<u32>>) {
    let calls = Arc::new(Mutex::new(0));
    let (outcomes, counter) = (Mutex::new(outcomes.into_iter()), Arc::clone(&calls));
    let mut model = MockModel::new();
    model.expect_stream().returning(move |_| {
        *counter.lock().unwrap() += 1;
        let events = outcomes.lock().unwrap().next().expect("called too often")?;
        let events: EventStream = Box::pin(stream::iter(events));
        Ok(events)
    });
    (Arc::new(model), calls)
}

fn unavailable() -> Error {
    Error::new(ErrorCode::Unavailable, "down")
}

fn answer() -> Vec<Result<Event>> {
    vec![Ok(Event::Finished { reason: FinishReason::Stop, raw: "stop".into() })]
}

async fn ask(model: Arc<MockModel>, retries: u32) -> Result<crate::Response> {
    complete(&Retry::new(model, retries), Request::prompt("hi")).await
}

#[tokio::test(start_paused = true)]
async fn it_tries_again_until_it_succeeds() {
    let (model, calls) = model(vec![Err(unavailable()), Ok(vec![Err(unavailable())]), Ok(answer())]);
    ask(model, 2).await.unwrap();
    assert_eq!(*calls.lock().unwrap(), 3);
}

#[tokio::test(start_paused = true)]
async fn it_gives_up_with_a_spent_error_so_that_nobody_multiplies_the_attempts() {
    let (model, calls) = model(vec![Err(unavailable()), Err(unavailable()), Err(unavailable())]);
    let error = ask(model, 2).await.unwrap_err();
    assert_eq!((*calls.lock().unwrap(), error.context().attempts), (3, Some(3)));
    assert!(!error.is_retryable());
}

#[tokio::test(start_paused = true)]
async fn what_is_not_retryable_and_what_has_begun_is_not_tried_again() {
    let (first, calls) = model(vec![Err(Error::new(ErrorCode::Auth, "no"))]);
    assert_eq!(ask(first, 2).await.unwrap_err().code(), ErrorCode::Auth);
    assert_eq!(*calls.lock().unwrap(), 1);
    let begun = vec![Ok(Event::Started { id: None, model: None }), Err(unavailable())];
    let (second, calls) = model(vec![Ok(begun)]);
    assert!(ask(second, 2).await.is_err());
    assert_eq!(*calls.lock().unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_servers_advice_is_honoured_and_an_unreasonable_one_is_handed_on() {
    let advised = |seconds| {
        Error::new(ErrorCode::RateLimited, "slow").retry(Advice::After(Duration::from_secs(seconds)))
    };
    let (patient, _) = model(vec![Err(advised(7)), Ok(answer())]);
    let start = Instant::now();
    ask(patient, 1).await.unwrap();
    assert!((7.0..7.5).contains(&start.elapsed().as_secs_f64()), "{:?}", start.elapsed());

    let (hopeless, calls) = model(vec![Err(advised(3600))]);
    let error = ask(hopeless, 5).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3600)));
    assert_eq!(*calls.lock().unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_back_off_grows_but_never_over_its_ceiling() {
    let backoff = Backoff::new(40);
    for (attempt, ceiling) in [(0, 0.5), (1, 1.0), (3, 4.0), (6, 8.0), (39, 8.0)] {
        let longest = (0..200).filter_map(|_| backoff.wait(&unavailable(), attempt)).max().unwrap();
        assert!(
            longest.as_secs_f64() <= ceiling && longest.as_secs_f64() > ceiling * 0.8,
            "{attempt}: {longest:?}"
        );
    }
}

#[test]
fn a_server_that_says_at_once_is_given_time_all_the_same() {
    let backoff = Backoff::new(2);
    let error = Error::new(ErrorCode::RateLimited, "slow").retry(Advice::After(Duration::ZERO));
    let longest = (0..100).filter_map(|_| backoff.wait(&error, 4)).max().unwrap();
    assert!(longest > Duration::from_secs(1), "{longest:?}");
}
