//! Tries a call again that failed before its first event.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use graphbit_core::{Error, Result};

use super::backoff::Backoff;
use super::first::first;
use crate::model::Prepared;
use crate::{EventStream, Model};

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

    /// The longest time that all attempts and the waits between them may take until the first event. What would go beyond it is
    /// not begun or is cut off, and the last error holds. The first attempt has no error before it: its own clocks end it.
    ///
    /// # Errors
    /// `CONFIG` for no time at all.
    pub fn budget(mut self, budget: Duration) -> Result<Self> {
        if budget.is_zero() {
            return Err(Error::config("retryBudgetMs must be greater than 0; leave it out for no limit"));
        }
        self.backoff = self.backoff.budget(budget);
        Ok(self)
    }

    async fn persist(&self, prepared: &Prepared) -> Result<EventStream> {
        self.backoff.persist(|| async { first(self.inner.send(prepared).await).await }).await
    }
}

#[async_trait]
impl Model for Retry {
    sends_what_is_prepared!();

    async fn send(&self, prepared: &Prepared) -> Result<EventStream> {
        self.persist(prepared).await
    }
}

#[cfg(test)]
mod tests;
