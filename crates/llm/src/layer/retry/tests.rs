use std::time::Duration;

use graphbit_core::{Error, ErrorCode, Retry as Advice};
use tokio::time::Instant;

use super::*;
use crate::layer::scripted::{answer, broken, called, failed, model, slow, unavailable};
use crate::{MockModel, Request, complete};

async fn ask(model: Arc<MockModel>, retries: u32) -> Result<crate::Response> {
    complete(&Retry::new(model, retries), Request::prompt("hi")).await
}

#[tokio::test(start_paused = true)]
async fn it_tries_again_until_it_succeeds() {
    let (model, calls) = model(vec![Err(unavailable()), Ok(vec![Err(unavailable())]), Ok(answer("hi"))]);
    ask(model, 2).await.unwrap();
    assert_eq!(calls.count(), 3);
}

#[tokio::test(start_paused = true)]
async fn it_gives_up_with_a_spent_error_so_that_nobody_multiplies_the_attempts() {
    let (model, calls) = model(vec![Err(unavailable()), Err(unavailable()), Err(unavailable())]);
    let error = ask(model, 2).await.unwrap_err();
    assert_eq!((calls.count(), error.context().attempts), (3, Some(3)));
    assert!(!error.is_retryable());
}

#[tokio::test(start_paused = true)]
async fn what_is_not_retryable_and_what_has_begun_is_not_tried_again() {
    let (first, calls) = model(vec![Err(Error::new(ErrorCode::Auth, "no"))]);
    assert_eq!(ask(first, 2).await.unwrap_err().code(), ErrorCode::Auth);
    assert_eq!(calls.count(), 1);
    let (second, calls) = model(vec![Ok(broken(unavailable()))]);
    assert!(ask(second, 2).await.is_err());
    assert_eq!(calls.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn who_answers_is_no_answer_yet_and_comes_first_all_the_same() {
    let (third, calls) = model(vec![Ok(failed(unavailable())), Ok(failed(unavailable())), Ok(answer("hi"))]);
    let reply = ask(third, 2).await.unwrap();
    assert_eq!((reply.text.as_str(), reply.id.as_deref(), calls.count()), ("hi", Some("r1"), 3));
}

#[tokio::test(start_paused = true)]
async fn the_servers_advice_is_honoured_and_an_unreasonable_one_is_handed_on() {
    let advised = |seconds| {
        Error::new(ErrorCode::RateLimited, "slow").retry(Advice::After(Duration::from_secs(seconds)))
    };
    let (patient, _) = model(vec![Err(advised(7)), Ok(answer("hi"))]);
    let start = Instant::now();
    ask(patient, 1).await.unwrap();
    assert!((7.0..7.5).contains(&start.elapsed().as_secs_f64()), "{:?}", start.elapsed());

    let (hopeless, calls) = model(vec![Err(advised(3600))]);
    let error = ask(hopeless, 5).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3600)));
    assert_eq!(calls.count(), 1);
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

#[tokio::test(start_paused = true)]
async fn a_budget_ends_the_attempts_with_the_last_error() {
    // Each attempt fails after a second; waits are random shares of half a second, then one, then two. The longest leave room for
    // two attempts, the shortest for three and the beginning of a fourth.
    let (failing, calls) = called(|| Ok(slow(vec![Err(unavailable())])));
    let retry = Retry::new(failing, 40).budget(Duration::from_millis(3500)).unwrap();
    let start = Instant::now();
    let error = complete(&retry, Request::prompt("hi")).await.unwrap_err();
    assert!(start.elapsed() <= Duration::from_millis(3501), "{:?}", start.elapsed());
    assert!((2..=4).contains(&calls.count()), "{}", calls.count());
    assert!(error.code() == ErrorCode::Unavailable && !error.is_retryable());
    assert!(Retry::new(model(Vec::new()).0, 1).budget(Duration::ZERO).is_err());
}

#[tokio::test(start_paused = true)]
async fn a_budget_is_for_the_time_before_the_first_event() {
    let (slow, _) = called(|| Ok(slow(answer("one two three four"))));
    let retry = Retry::new(slow, 2).budget(Duration::from_secs(2)).unwrap();
    assert_eq!(complete(&retry, Request::prompt("hi")).await.unwrap().text, "one two three four");
}
