use std::sync::Mutex;

use futures_util::{StreamExt, stream};
use graphbit_core::ErrorCode;
use graphbit_memory::{Category, Charge, Limits};
use tokio::time::Instant;

use super::*;

/// Here no allocator counts: budgets go by what is declared.
struct Talks(ModelInfo, Mutex<Vec<EventStream>>);

#[async_trait]
impl Model for Talks {
    fn info(&self) -> &ModelInfo {
        &self.0
    }

    async fn stream(&self, _: Request) -> Result<EventStream> {
        Ok(self.1.lock().unwrap().pop().unwrap())
    }
}

/// Pieces, each of which has its reader wait for it.
fn paced(pieces: usize) -> EventStream {
    let piece = |index: usize| async move {
        tokio::task::yield_now().await;
        Ok(Event::Delta { part: 0, text: index.to_string() })
    };
    Box::pin(stream::iter(0..pieces).then(piece))
}

fn at_once(pieces: usize) -> EventStream {
    Box::pin(stream::iter((0..pieces).map(|_| Ok(Event::Delta { part: 0, text: "x".into() }))))
}

fn model(reply: EventStream) -> Arc<dyn Model> {
    Arc::new(Talks(ModelInfo { provider: "p".into(), model: "m".into() }, Mutex::new(vec![reply])))
}

fn budget() -> Budget {
    Budget::process(Limits::default()).open("run", Limits::default().soft(100).hard(200))
}

fn holding(budget: &Budget, bytes: u64) -> Charge {
    budget.ledger().charge(Category::Response, bytes)
}

async fn read(model: &dyn Model) -> (usize, Option<graphbit_core::Error>, Duration) {
    let began = Instant::now();
    let mut events = model.stream(Request::prompt("hi")).await.unwrap();
    let (mut count, mut error) = (0, None);
    while let Some(event) = events.next().await {
        match event {
            Ok(_) => count += 1,
            Err(failure) => error = Some(failure),
        }
    }
    (count, error, began.elapsed())
}

#[tokio::test(start_paused = true)]
async fn below_its_limits_a_reply_is_read_as_it_comes() {
    let budget = budget();
    let bounded = Bounded::within(model(paced(200)), &budget);
    let (count, error, took) = read(&*bounded).await;
    assert_eq!((count, error.is_none(), took), (200, true, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn above_the_soft_limit_each_read_waits_and_what_came_with_it_does_not() {
    let budget = budget();
    let _held = holding(&budget, 150);
    let (count, _, took) = read(&*Bounded::within(model(paced(10)), &budget)).await;
    let pauses = took.as_millis() / PAUSE.as_millis();
    assert!(count == 10 && (10..=12).contains(&pauses), "{count} in {took:?}");
    let (count, _, took) = read(&*Bounded::within(model(at_once(128)), &budget)).await;
    assert_eq!((count, took), (128, PAUSE * 3), "two bursts and the end");
}

#[tokio::test(start_paused = true)]
async fn above_the_hard_limit_the_reader_is_told_and_reads_no_more() {
    let budget = budget();
    let bounded = Bounded::within(model(paced(10)), &budget);
    let mut events = bounded.stream(Request::prompt("hi")).await.unwrap();
    assert!(events.next().await.unwrap().is_ok());
    let held = holding(&budget, 250);
    let error = events.next().await.unwrap().unwrap_err();
    assert_eq!((error.code(), error.is_retryable()), (ErrorCode::Memory, false));
    assert!(error.message().contains("this run is 200 bytes, 250 are in use"), "{error}");
    let refused = Bounded::within(model(paced(1)), &budget).stream(Request::prompt("hi")).await;
    assert_eq!(refused.err().map(|error| error.code()), Some(ErrorCode::Memory));
    drop(held);
    assert!(events.next().await.unwrap().is_ok());
}

#[test]
fn without_limits_there_is_nothing_in_between() {
    let budget = Budget::process(Limits::default()).open("run", Limits::default());
    let inner = model(at_once(1));
    assert!(Arc::ptr_eq(&inner, &Bounded::within(Arc::clone(&inner), &budget)));
}
