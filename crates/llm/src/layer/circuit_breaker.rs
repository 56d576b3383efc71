//! Stops asking an endpoint that keeps failing, and tries it again with one call after a cool-down
//! (M. Nygard, "Release It!", 2nd edition, 2018, chapter 5).

mod circuit;

use std::sync::Arc;

use async_trait::async_trait;
use graphbit_core::{Error, ErrorCode, Result, Retry as Advice};

use super::placed;
use super::watched::watched;
use crate::model::Prepared;
use crate::{Event, EventStream, Model};

pub use circuit::Circuit;

/// The layer. A call that it lets through counts as a failure when it ends with a retryable `UNAVAILABLE`, `NETWORK` or
/// `TIMEOUT`, or breaks off with `TRUNCATED`, before or amid its events. What is the caller's own fault (`REJECTED`, `AUTH`, …)
/// counts as nothing, and neither does a call that is dropped: an endpoint that hangs is found out by the client's clocks
/// (`timeouts.headers`, `timeouts.firstEvent`), not by a [`Timeout`](super::Timeout) around this layer. While the circuit is open, calls fail at once with `CIRCUIT_OPEN`, whose retry advice is the rest of the
/// cool-down; the error is spent, so that a [`Retry`](super::Retry) around it does not wait for that long.
pub struct CircuitBreaker {
    inner: Arc<dyn Model>,
    circuit: Circuit,
}

impl CircuitBreaker {
    /// Calls the model as long as the circuit is closed.
    pub fn new(inner: Arc<dyn Model>, circuit: Circuit) -> Self {
        Self { inner, circuit }
    }

    fn open(&self, open: circuit::Open) -> Error {
        let (left, last) = (open.left, open.last);
        let when = if left.is_zero() {
            "one call is trying it now".to_owned()
        } else {
            format!("it is tried again in {:.1} s (circuitBreaker.cooldownMs)", left.as_secs_f64())
        };
        let message =
            format!("the endpoint failed {} times in a row, last with {last}; {when}", open.failures);
        let advice = if left.is_zero() { Advice::Now } else { Advice::After(left) };
        placed(Error::new(ErrorCode::CircuitOpen, message), self.info()).retry(advice).spent()
    }
}

#[async_trait]
impl Model for CircuitBreaker {
    sends_what_is_prepared!();

    async fn send(&self, prepared: &Prepared) -> Result<EventStream> {
        let mut attempt = self.circuit.enter().map_err(|open| self.open(open))?;
        let events = match self.inner.send(prepared).await {
            Ok(events) => events,
            Err(error) => {
                attempt.end(&error);
                return Err(error);
            }
        };
        Ok(watched(events, move |item| match item {
            Some(Ok(Event::Finished { .. })) => attempt.succeed(),
            Some(Ok(_)) => attempt.begin(),
            Some(Err(error)) => attempt.end(error),
            None => {}
        }))
    }
}

#[cfg(test)]
mod tests;
