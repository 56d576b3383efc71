//! A run that was started: its result, and the way to stop it.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use graphbit_core::{Error, Result};
use serde_json::Value;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::result::Receipt;
use crate::state::RunState;
use crate::{BodySnapshot, Events, Host, MemoryUse, NodeSnapshot, RunEvent, RunMemory, RunResult};

/// What may be said about one run.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct RunOptions {
    /// What templates see as `{{input}}`, and transforms at a root as their input.
    pub input: Value,
    /// How long the run may take, over the profile's limit.
    pub timeout: Option<Duration>,
    /// How many nodes may be under way at once, over the profile's limit.
    pub max_parallel: Option<NonZeroUsize>,
    /// How many bytes the run may hold, over its executor's limit and the process's; no limit of its own unless set.
    pub memory_limit: Option<u64>,
    /// Where the run's memory is charged, if that was opened before.
    pub(crate) memory: Option<RunMemory>,
    /// Takes the run's events, from the first on.
    pub(crate) watch: Option<Watch>,
    /// Who calls the functions of the transforms to which the workflow binds none.
    pub host: Option<Arc<dyn Host>>,
}

/// Takes the reader of a run's events before the run begins.
type Watch = Arc<dyn Fn(Events) + Send + Sync>;

impl RunOptions {
    /// Has the run's events sent: `take` is given their reader before the run begins.
    #[must_use]
    pub fn watch(mut self, take: impl Fn(Events) + Send + Sync + 'static) -> Self {
        self.watch = Some(Arc::new(take));
        self
    }

    /// Sets the input.
    #[must_use]
    pub fn input(mut self, input: impl Into<Value>) -> Self {
        self.input = input.into();
        self
    }

    /// Sets the limit of time.
    #[must_use]
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = Some(limit);
        self
    }

    /// Sets the limit of memory, in bytes: a run that asks for more fails with `MEMORY`.
    #[must_use]
    pub fn memory_limit(mut self, bytes: u64) -> Self {
        self.memory_limit = Some(bytes);
        self
    }

    /// Charges the run to memory that was opened for it by [`Executor::open`](crate::Executor::open), and to nobody else.
    #[must_use]
    pub fn memory(mut self, memory: RunMemory) -> Self {
        self.memory = Some(memory);
        self
    }

    /// Sets the limit of nodes at once.
    #[must_use]
    pub fn max_parallel(mut self, limit: NonZeroUsize) -> Self {
        self.max_parallel = Some(limit);
        self
    }

    /// Lets another thread call the functions of all transforms that have none of their own.
    #[must_use]
    pub fn host(mut self, host: Arc<dyn Host>) -> Self {
        self.host = Some(host);
        self
    }
}

impl fmt::Debug for RunOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunOptions")
            .field("input", &self.input)
            .field("timeout", &self.timeout)
            .field("max_parallel", &self.max_parallel)
            .field("memory_limit", &self.memory_limit)
            .field("host", &self.host.is_some())
            .finish()
    }
}

/// The way to stop a run. It may be cloned, and holds nothing of the run's result.
#[derive(Clone)]
pub struct Control(pub(crate) Arc<RunState>);

impl Control {
    /// The run's id.
    pub fn id(&self) -> &str {
        self.0.root.id()
    }

    /// Stops the run: nothing new starts, what is under way is dropped, its sockets are closed. Only the first reason counts.
    pub fn cancel(&self, reason: impl Into<String>) {
        self.0.cancel(reason.into());
    }

    /// Starts nothing new, lets what is under way end within `limit`, and cancels the rest.
    pub fn drain(&self, limit: Duration) {
        self.0.root.drain(Instant::now() + limit);
        self.0.wake();
    }

    /// How far every node of the graph has come, in the order in which they were added. What is inside of nodes:
    /// [`bodies`](Self::bodies).
    pub fn nodes(&self) -> Vec<NodeSnapshot> {
        self.0.snapshot()
    }

    /// What the run holds now; after its end, what is still kept of it.
    pub fn memory(&self) -> MemoryUse {
        self.0.root.memory.usage()
    }

    /// How far the bodies of its nodes are, and of the nodes inside of them, in the order of their places.
    pub fn bodies(&self) -> Vec<BodySnapshot> {
        self.0.root.bodies.snapshot()
    }

    /// The run's events from now on. Those from its beginning on: [`RunOptions::watch`].
    pub fn events(&self) -> Events {
        self.0.root.feed.read()
    }

    /// The questions of nodes that wait for an answer from outside, by node.
    pub fn questions(&self) -> Vec<(String, Value)> {
        self.0.root.asked()
    }

    /// Answers the question of a node.
    ///
    /// # Errors
    /// `INVALID_INPUT` when the node asks nothing, or the answer does not fit what it asks for.
    pub fn answer(&self, node: &str, answer: impl Into<Value>) -> Result<()> {
        self.0.root.answer(node, answer.into())
    }

    /// Sends an event of the program's own to the readers of the run's events.
    pub fn emit(&self, node: &str, name: &str, data: impl Into<Value>) {
        let data = data.into();
        self.0.root.feed.send(|| RunEvent::Custom { node: node.into(), name: name.into(), data });
    }

    /// Waits until the run has ended, and says what it had done by then.
    pub async fn ended(&self) -> Receipt {
        self.0.ended().await
    }
}

/// A run under way. Dropping it lets the run go on.
pub struct Run {
    pub(crate) control: Control,
    pub(crate) outcome: oneshot::Receiver<Result<RunResult>>,
}

impl Run {
    /// The run's id.
    pub fn id(&self) -> &str {
        self.control.id()
    }

    /// The way to stop it, for somebody else.
    pub fn control(&self) -> Control {
        self.control.clone()
    }

    /// Stops the run and says what it had done.
    pub async fn cancel(&self, reason: impl Into<String>) -> Receipt {
        self.control.cancel(reason);
        self.control.ended().await
    }

    /// Waits for the result. A run with a failed node has a result too.
    ///
    /// # Errors
    /// `CANCELLED` when the run was stopped.
    pub async fn result(self) -> Result<RunResult> {
        self.outcome
            .await
            .unwrap_or_else(|_| Err(Error::internal("the run's runtime ended before the run did")))
    }
}
