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
use graphbit_memory::{Budget, Category, Scope};
use tokio::task::{AbortHandle, JoinHandle};

pub use batch::{BatchOptions, BatchResult};
pub use meter::CallStats;
pub use pull::{Pull, Pulled};

use crate::handler::panicked;
use crate::memory::{Bounded, Gate};
use crate::runtime::Lease;
use crate::{MemoryUse, Profile, RunMemory, Source, process_budget};
use meter::Meter;

/// Calls one model. It is a handle: making one starts nothing, clones share their counters.
#[derive(Clone)]
pub struct Caller {
    source: Source,
    profile: Profile,
    meter: Arc<Meter>,
    /// The memory of all its calls.
    memory: RunMemory,
    gate: Arc<Gate>,
}

impl Caller {
    /// Calls to this model on this profile's runtime.
    pub fn new(source: impl Into<Source>, profile: Profile) -> Self {
        Self::within(source.into(), profile, process_budget())
    }

    pub(crate) fn within(source: Source, profile: Profile, budget: &Budget) -> Self {
        let name = format!("calls to {}", source.info().provider);
        let memory = RunMemory::open(budget, name.into(), profile.memory_limit);
        Self { source, profile, meter: Arc::default(), memory, gate: Gate::of_calls() }
    }

    /// What all its calls hold, and the replies that are still kept of them.
    pub fn memory(&self) -> MemoryUse {
        self.memory.usage()
    }

    /// Charges what the current thread allocates to the calls until the scope is dropped.
    pub fn enter(&self) -> Scope<'_> {
        self.memory.enter()
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
        let (memory, gate) = (self.memory.clone(), Arc::clone(&self.gate));
        let model = Bounded::within(model, memory.budget());
        Ok(Line { model, source, meter: Arc::clone(&self.meter), lease, memory, gate })
    }

    /// Asks and waits for the whole reply. Dropping the future drops the call.
    ///
    /// # Errors
    /// `CONFIG` when a key or a model is missing; else the model's error.
    pub fn complete(&self, request: Request) -> impl Future<Output = Result<Response>> + Send {
        let request = Box::new(request);
        async { self.on_runtime(|line| async move { line.complete(request).await }).await? }
    }

    /// Asks and gives the reply as it is pulled.
    ///
    /// # Errors
    /// `CONFIG` when a key or a model is missing; else the model's error.
    pub fn stream(&self, request: Request) -> impl Future<Output = Result<Pull>> + Send {
        let request = Box::new(request);
        async { self.on_runtime(|line| async move { line.stream(request).await }).await? }
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
        let (lease, memory) = (line.lease.clone(), line.memory.clone());
        let task = {
            let _scope = memory.enter();
            AbortOnDrop(lease.spawn(memory.wrap(work(line))))
        };
        task.join().await
    }
}

/// A model connected to its runtime. What it is asked is boxed: a call that waits for its reply has no room for it.
pub struct Line {
    model: Arc<dyn Model>,
    source: Source,
    meter: Arc<Meter>,
    lease: Lease,
    memory: RunMemory,
    gate: Arc<Gate>,
}

impl Line {
    /// Runs work with the line on its runtime; the handle drops it.
    pub fn spawn<F>(self, work: impl FnOnce(Self) -> F) -> AbortHandle
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (lease, memory) = (self.lease.clone(), self.memory.clone());
        let _scope = memory.enter();
        lease.spawn(memory.wrap(work(self))).abort_handle()
    }

    /// Asks and waits for the whole reply. To be awaited on the line's runtime.
    ///
    /// # Errors
    /// The model's error.
    pub async fn complete(&self, request: Box<Request>) -> Result<Response> {
        let _admitted = self.gate.admit(self.memory.budget()).await;
        let counted = self.meter.begin();
        let _asked = self.memory.charge(Category::Prompt, request.text_bytes());
        let outcome = complete(&*self.model, unboxed(request)).await;
        counted.end(&outcome);
        outcome
    }

    /// Asks and gives the reply as it is pulled. To be awaited on the line's runtime.
    ///
    /// # Errors
    /// The model's error.
    pub async fn stream(self, request: Box<Request>) -> Result<Pull> {
        let admitted = self.gate.admit(self.memory.budget()).await;
        let counted = self.meter.begin();
        match stream(&*self.model, unboxed(request)).await {
            Ok(events) => Ok(Pull::new(events, self.lease, counted, self.memory, admitted)),
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
        let _admitted = self.gate.admit(self.memory.budget()).await;
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

/// What was in a box, which is gone then: `*boxed` would keep it, empty, for as long as its variable.
#[expect(clippy::boxed_local, reason = "that is what it is for")]
fn unboxed<T>(boxed: Box<T>) -> T {
    *boxed
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
