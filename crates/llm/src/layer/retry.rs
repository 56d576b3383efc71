//! Tries a call again that failed before its first event, waiting as the server advised or with full jitter
//! (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::{StreamExt, stream};
use graphbit_core::{Error, Result};

use crate::model::Prepared;
use crate::{EventStream, Model, ModelInfo, Request};

/// The layer.
pub struct Retry {
    inner: Arc<dyn Model>,
    retries: u32,
    base: Duration,
    longest: Duration,
}

impl Retry {
    /// Tries up to `retries` times more. The wait before the n-th is a random share of 0.5 s × 2ⁿ⁻¹, at most 8 s.
    pub fn new(inner: Arc<dyn Model>, retries: u32) -> Self {
        Self { inner, retries, base: Duration::from_millis(500), longest: Duration::from_secs(8) }
    }

    /// A server may ask for up to this long; a call that is asked for more fails with the advice in its error.
    const PATIENCE: Duration = Duration::from_secs(60);

    fn wait(&self, error: &Error, attempt: u32) -> Option<Duration> {
        // "At once" is no advice of a server that has just refused.
        match error.retry_after().filter(|advice| !advice.is_zero()) {
            Some(advice) if advice > Self::PATIENCE => None,
            // A little more than advised, so that many callers do not come back at once.
            Some(advice) => Some(advice + self.base.mul_f64(fastrand::f64() / 2.0)),
            None => {
                let ceiling = self.base.saturating_mul(1_u32.checked_shl(attempt).unwrap_or(u32::MAX));
                Some(ceiling.min(self.longest).mul_f64(fastrand::f64()))
            }
        }
    }

    async fn persist(&self, prepared: &Prepared) -> Result<EventStream> {
        let mut attempt: u32 = 0;
        loop {
            let error = match first(self.inner.send(prepared).await).await {
                Ok(events) => return Ok(events),
                Err(error) => error.attempts(attempt.saturating_add(1)),
            };
            if !error.is_retryable() {
                return Err(error);
            }
            match self.wait(&error, attempt) {
                Some(wait) if attempt < self.retries => tokio::time::sleep(wait).await,
                _ => return Err(error.spent()),
            }
            attempt += 1;
        }
    }
}

#[async_trait]
impl Model for Retry {
    fn info(&self) -> &ModelInfo {
        self.inner.info()
    }

    async fn stream(&self, request: Request) -> Result<EventStream> {
        self.persist(&self.inner.prepare(request)?).await
    }

    fn prepare(&self, request: Request) -> Result<Prepared> {
        self.inner.prepare(request)
    }

    async fn send(&self, prepared: &Prepared) -> Result<EventStream> {
        self.persist(prepared).await
    }
}

/// Waits for the first event: until then, nothing was handed on and trying again loses nothing.
async fn first(opened: Result<EventStream>) -> Result<EventStream> {
    let mut events = opened?;
    match events.next().await {
        Some(Ok(event)) => Ok(Box::pin(stream::iter([Ok(event)]).chain(events))),
        Some(Err(error)) => Err(error),
        None => Ok(events),
    }
}

#[cfg(test)]
mod tests;
