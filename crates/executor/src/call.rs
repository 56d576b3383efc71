//! Direct calls to a model, without a graph: the same runtimes, the same limits, the same counters.

mod batch;
mod meter;
mod pull;
#[cfg(test)]
mod tests;

use std::future::Future;
use std::sync::Arc;

use graphbit_core::{Error, Result};
use graphbit_llm::{EmbedRequest, Embeddings, Model, Request, Response, complete, stream};
use tokio::task::{AbortHandle, JoinHandle};

pub use batch::{BatchOptions, BatchResult};
pub use meter::CallStats;
pub use pull::{Pull, Pulled};

use crate::handler::panicked;
use crate::runtime::Lease;
use crate::{Profile, Source};
use meter::Meter;

/// Calls one model. It is a handle: making one starts nothing, clones share their counters.
#[derive(Clone)]
pub struct Caller {
    source: Source,
    profile: Profile,
    meter: Arc<Meter>,
}

impl Caller {
    /// Calls to this model on this profile's runtime.
    pub fn new(source: impl Into<Source>, profile: Profile) -> Self {
        Self { source: source.into(), profile, meter: Arc::default() }
    }

    /// Who will answer.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Connects the model on its runtime, which stays up for as long as the line is kept.
    ///
    /// # Errors
    /// `CONFIG` when a certificate file or a proxy cannot be used.
    pub fn line(&self) -> Result<Line> {
        let lease = Lease::take(self.profile.shape())?;
        let (model, source) = (self.source.connect(&lease)?, self.source.clone());
        Ok(Line { model, source, meter: Arc::clone(&self.meter), lease })
    }

    /// Asks and waits for the whole reply. Dropping the future drops the call.
    ///
    /// # Errors
    /// `CONFIG` when a key or a model is missing; else the model's error.
    pub async fn complete(&self, request: Request) -> Result<Response> {
        self.on_runtime(|line| async move { line.complete(request).await }).await?
    }

    /// Asks and gives the reply as it is pulled.
    ///
    /// # Errors
    /// `CONFIG` when a key or a model is missing; else the model's error.
    pub async fn stream(&self, request: Request) -> Result<Pull> {
        self.on_runtime(|line| async move { line.stream(request).await }).await?
    }

    /// Asks many prompts, a few at a time. The results are in the order of the prompts; a failed one wastes no other.
    ///
    /// # Errors
    /// `CONFIG` when a certificate file or a proxy cannot be used.
    pub async fn batch(&self, requests: Vec<Request>, options: BatchOptions) -> Result<BatchResult> {
        self.on_runtime(|line| async move { batch::run(&line, requests, options).await }).await
    }

    /// Embeds texts, however many. Dropping the future drops the call.
    ///
    /// # Errors
    /// `CONFIG` when a key or a model is missing or there are no embeddings; else that of [`graphbit_llm::Client::embed`].
    pub async fn embed(&self, request: EmbedRequest) -> Result<Embeddings> {
        self.on_runtime(|line| async move { line.embed(request).await }).await?
    }

    /// The counters.
    pub fn stats(&self) -> CallStats {
        self.meter.read()
    }

    /// Sets the counters to zero.
    pub fn reset_stats(&self) {
        self.meter.reset();
    }

    async fn on_runtime<F>(&self, work: impl FnOnce(Line) -> F) -> Result<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        let line = self.line()?;
        let lease = line.lease.clone();
        let task = AbortOnDrop(lease.spawn(work(line)));
        task.join().await
    }
}

/// A model connected to its runtime.
pub struct Line {
    model: Arc<dyn Model>,
    source: Source,
    meter: Arc<Meter>,
    lease: Lease,
}

impl Line {
    /// Runs work with the line on its runtime; the handle drops it.
    pub fn spawn<F>(self, work: impl FnOnce(Self) -> F) -> AbortHandle
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let lease = self.lease.clone();
        lease.spawn(work(self)).abort_handle()
    }

    /// Asks and waits for the whole reply. To be awaited on the line's runtime.
    ///
    /// # Errors
    /// The model's error.
    pub async fn complete(&self, request: Request) -> Result<Response> {
        let counted = self.meter.begin();
        let outcome = complete(&*self.model, request).await;
        counted.end(&outcome);
        outcome
    }

    /// Asks and gives the reply as it is pulled. To be awaited on the line's runtime.
    ///
    /// # Errors
    /// The model's error.
    pub async fn stream(self, request: Request) -> Result<Pull> {
        let counted = self.meter.begin();
        match stream(&*self.model, request).await {
            Ok(events) => Ok(Pull::new(events, self.lease, counted)),
            Err(error) => {
                counted.fail();
                Err(error)
            }
        }
    }

    /// Embeds texts: one call, however many requests it takes. To be awaited on the line's runtime.
    ///
    /// # Errors
    /// That of [`graphbit_llm::Client::embed`]; `CONFIG` for a model that is not a vendor's.
    pub async fn embed(&self, request: EmbedRequest) -> Result<Embeddings> {
        let counted = self.meter.begin();
        let embeddings = self.source.embedder(&self.lease)?.embed(request).await?;
        counted.usage(embeddings.usage.as_ref());
        counted.succeed();
        Ok(embeddings)
    }

    /// Asks many prompts. To be awaited on the line's runtime.
    pub async fn batch(&self, requests: Vec<Request>, options: BatchOptions) -> BatchResult {
        batch::run(self, requests, options).await
    }
}

/// A task that ends with whoever waits for it.
struct AbortOnDrop<T>(JoinHandle<T>);

impl<T> AbortOnDrop<T> {
    async fn join(mut self) -> Result<T> {
        (&mut self.0).await.map_err(|error| match error.try_into_panic() {
            Ok(panic) => panicked(&*panic),
            Err(error) => Error::internal("the call's task ended before it was done").caused_by(error),
        })
    }
}

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}
