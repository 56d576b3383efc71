//! Tries a call again that failed before its first event.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::{StreamExt, stream};
use graphbit_core::Result;

use super::backoff::Backoff;
use crate::model::Prepared;
use crate::{EventStream, Model, ModelInfo, Request};

/// The layer.
pub struct Retry {
    inner: Arc<dyn Model>,
    backoff: Backoff,
}

impl Retry {
    /// Tries up to `retries` times more. The wait before the n-th is a random share of 0.5 s × 2ⁿ⁻¹, at most 8 s.
    pub fn new(inner: Arc<dyn Model>, retries: u32) -> Self {
        Self { inner, backoff: Backoff::new(retries) }
    }

    async fn persist(&self, prepared: &Prepared) -> Result<EventStream> {
        self.backoff.persist(|| async { first(self.inner.send(prepared).await).await }).await
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
