//! Models whose answers are scripted, for the layers' tests.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use graphbit_core::{Error, ErrorCode, Result};

use crate::{Event, EventStream, FinishReason, MockModel, ModelInfo, PartKind, Request, Usage};

/// What a call gives: events, of which the last may be an error, or an error instead.
pub(super) type Outcome = Result<Vec<Result<Event>>>;

/// How often a model was asked.
#[derive(Clone, Default)]
pub(super) struct Calls(Arc<AtomicU32>);

impl Calls {
    pub(super) fn count(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A model that gives these outcomes in turn.
pub(super) fn model(outcomes: Vec<Outcome>) -> (Arc<MockModel>, Calls) {
    let outcomes = Mutex::new(outcomes.into_iter());
    called(move || {
        let events: EventStream =
            Box::pin(stream::iter(outcomes.lock().unwrap().next().expect("called too often")?));
        Ok(events)
    })
}

/// A model that makes its replies.
pub(super) fn called(
    reply: impl Fn() -> Result<EventStream> + Send + Sync + 'static,
) -> (Arc<MockModel>, Calls) {
    named("unit", move |_| reply())
}

/// A model with a name.
pub(super) fn named(
    model: &str,
    reply: impl Fn(Request) -> Result<EventStream> + Send + Sync + 'static,
) -> (Arc<MockModel>, Calls) {
    let (calls, mut mock) = (Calls::default(), MockModel::new());
    let counter = calls.clone();
    mock.expect_info().return_const(ModelInfo { provider: "test".into(), model: model.into() });
    mock.expect_stream().returning(move |request| {
        counter.0.fetch_add(1, Ordering::Relaxed);
        reply(request)
    });
    (Arc::new(mock), calls)
}

/// A reply that takes a second before each of its events.
pub(super) fn slow(events: Vec<Result<Event>>) -> EventStream {
    Box::pin(stream::iter(events).then(|event| async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        event
    }))
}

pub(super) fn unavailable() -> Error {
    Error::new(ErrorCode::Unavailable, "down").status(503)
}

/// A whole reply with a text, which costs 30 tokens.
pub(super) fn answer(text: &str) -> Vec<Result<Event>> {
    finished(text, FinishReason::Stop)
}

pub(super) fn finished(text: &str, reason: FinishReason) -> Vec<Result<Event>> {
    let mut usage = Usage::default();
    (usage.input, usage.output) = (Some(20), Some(10));
    let deltas = text.split_inclusive(' ').map(|word| Ok(Event::Delta { part: 0, text: word.into() }));
    let opening = [
        Ok(Event::Started { id: Some("r1".into()), model: Some("unit-1".into()) }),
        Ok(Event::PartStarted { part: 0, kind: PartKind::Text }),
    ];
    let ending = [
        Ok(Event::PartFinished { part: 0 }),
        Ok(Event::Usage(usage)),
        Ok(Event::Finished { reason, raw: reason.as_str().into() }),
    ];
    opening.into_iter().chain(deltas).chain(ending).collect()
}

/// A reply that breaks off after its beginning.
pub(super) fn broken(error: Error) -> Vec<Result<Event>> {
    answer("cut").into_iter().take(3).chain([Err(error)]).collect()
}

/// A reply that says who answers, and then that it failed.
pub(super) fn failed(error: Error) -> Vec<Result<Event>> {
    answer("").into_iter().take(1).chain([Ok(Event::Usage(Usage::default())), Err(error)]).collect()
}
