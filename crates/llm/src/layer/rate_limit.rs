//! So many requests and tokens a minute: those the user allows, and what the server says is left.

mod bucket;
mod limits;

use std::sync::Arc;

use async_trait::async_trait;
use graphbit_core::{Error, Result};

use super::placed;
use super::watched::watched;
use crate::model::Prepared;
use crate::{Event, EventStream, Model, Usage};

pub use limits::{RateLimitOptions, RateLimits};

/// The layer. A call waits for its turn, in the order in which the calls came; dropping one that waits gives its turn up. Its
/// tokens are estimated, a quarter of the bytes of its messages and all of its `max_tokens`, and corrected as soon as the vendor
/// has counted them.
pub struct RateLimit {
    inner: Arc<dyn Model>,
    limits: RateLimits,
}

impl RateLimit {
    /// Calls the model within limits. What the server says of its own is learnt where the client below tells it:
    /// `Client::on_rate_state(move |state| limits.learn(state))`.
    pub fn new(inner: Arc<dyn Model>, limits: RateLimits) -> Self {
        Self { inner, limits }
    }

    fn place(&self, error: Error) -> Error {
        placed(error, self.info())
    }
}

#[async_trait]
impl Model for RateLimit {
    sends_what_is_prepared!();

    async fn send(&self, prepared: &Prepared) -> Result<EventStream> {
        let estimate = prepared.estimated_tokens() as f64;
        self.limits.admit(estimate).await.map_err(|error| self.place(error))?;
        let events = match self.inner.send(prepared).await {
            Ok(events) => events,
            Err(error) => {
                self.limits.failed(&error, estimate);
                return Err(error);
            }
        };
        let (limits, mut charged) = (self.limits.clone(), estimate);
        Ok(watched(events, move |item| match item {
            Some(Ok(Event::Usage(usage))) => {
                if let Some(counted) = total(usage) {
                    limits.correct(charged, counted);
                    charged = counted;
                }
            }
            // Some servers refuse within a reply that began as a success.
            Some(Err(error)) => limits.heed(error),
            _ => {}
        }))
    }
}

fn total(usage: &Usage) -> Option<f64> {
    let known = usage.input.is_some() || usage.output.is_some();
    known.then(|| usage.input.unwrap_or(0).saturating_add(usage.output.unwrap_or(0)) as f64)
}

#[cfg(test)]
mod tests;
