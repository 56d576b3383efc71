//! At most so many calls at once. Those over it wait in the order in which they came.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use graphbit_core::{Error, Result};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::watched::{is_last, watched};
use crate::model::Prepared;
use crate::{EventStream, Model};

/// The layer. A call has its place from before it is sent until its reply has ended or is dropped, not only until its headers:
/// a reply that nobody reads keeps its place. Dropping a call that waits gives its turn up.
pub struct Concurrency {
    inner: Arc<dyn Model>,
    limit: ConcurrencyLimit,
}

/// So many places. Clones share them, whatever the model and the runtime.
#[derive(Clone)]
pub struct ConcurrencyLimit(Arc<Semaphore>);

impl ConcurrencyLimit {
    /// Places for `calls` calls.
    ///
    /// # Errors
    /// `CONFIG` for 0, which would let nobody in, and for more than half a billion.
    pub fn new(calls: usize) -> Result<Self> {
        const MOST: usize = 1 << 29;
        if !(1..=MOST).contains(&calls) {
            return Err(Error::config(format!(
                "maxConcurrency must be between 1 and {MOST}, not {calls}; leave it out for no limit"
            )));
        }
        Ok(Self(Arc::new(Semaphore::new(calls))))
    }

    /// How many more calls could begin now.
    pub fn free(&self) -> usize {
        self.0.available_permits()
    }

    async fn place(&self) -> Result<OwnedSemaphorePermit> {
        let place = Arc::clone(&self.0).acquire_owned().await;
        place.map_err(|error| Error::internal("the limit of calls was closed").caused_by(error))
    }
}

impl fmt::Debug for ConcurrencyLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConcurrencyLimit").field("free", &self.free()).finish_non_exhaustive()
    }
}

impl Concurrency {
    /// Calls the model within a limit.
    pub fn new(inner: Arc<dyn Model>, limit: ConcurrencyLimit) -> Self {
        Self { inner, limit }
    }
}

#[async_trait]
impl Model for Concurrency {
    sends_what_is_prepared!();

    async fn send(&self, prepared: &Prepared) -> Result<EventStream> {
        let mut place = Some(self.limit.place().await?);
        let events = self.inner.send(prepared).await?;
        Ok(watched(events, move |item| {
            if is_last(item) {
                drop(place.take());
            }
        }))
    }
}

#[cfg(test)]
mod tests;
