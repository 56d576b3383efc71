//! Tries a call again that failed before its first event, waiting as the server advised or with full jitter
//! (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::{StreamExt, stream};
use graphbit_core::{Error, Result};

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
        match error.retry_after() {
            Some(advice) if advice > Self::PATIENCE => None,
            // A little more than advised, so that many callers do not come back at once.
            Some(advice) => Some(advice + self.base.mul_f64(fastrand::f64() / 2.0)),
            None => {
                let ceiling = self.base.saturating_mul(1_u32.checked_shl(attempt).unwrap_or(u32::MAX));
                Some(ceiling.min(self.longest).mul_f64(fastrand::f64()))
            }
        }
    }
}

#[async_trait]
impl Model for Retry {
    fn info(&self) -> &ModelInfo {
        self.inner.info()
    }

    async fn stream(&self, request: Request) -> Result<EventStream> {
        for attempt in 0..self.retries {
            let error = match first(&*self.inner, request.clone()).await {
                Ok(stream) => return Ok(stream),
                Err(error) => error,
            };
            if !error.is_retryable() {
                return Err(error.attempts(attempt + 1));
            }
            match self.wait(&error, attempt) {
                Some(wait) => tokio::time::sleep(wait).await,
                None => return Err(error.attempts(attempt + 1).spent()),
            }
        }
        first(&*self.inner, request).await.map_err(|error| error.attempts(self.retries + 1).spent())
    }
}

/// Opens a stream and waits for its first event: until then, nothing was handed on and trying again loses nothing.
async fn first(model: &dyn Model, request: Request) -> Result<EventStream> {
    let mut events = model.stream(request).await?;
    match events.next().await {
        Some(Ok(event)) => Ok(Box::pin(stream::iter([Ok(event)]).chain(events))),
        Some(Err(error)) => Err(error),
        None => Ok(events),
    }
}

#[cfg(test)]
mod tests;
