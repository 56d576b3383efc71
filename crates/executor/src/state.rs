//! What a run knows: the machine, the outputs so far, whether it was cancelled. Everything behind one short lock.

mod hosted;
mod inputs;
mod kept;
mod progress;
mod snapshot;
mod values;
mod variables;

use std::sync::{Arc, LazyLock, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

use graphbit_core::{Error, ErrorCode, NodeIndex, PlanNode, Result, apart};
use graphbit_memory::Moved;
use serde_json::Value;
use tokio::sync::Notify;

use crate::Workflow;
use crate::event::RunEvent;
use crate::machine::Machine;
use crate::result::Receipt;
use crate::root::Root;
pub(crate) use kept::Kept;
use progress::Progress;
pub(crate) use progress::{Done, Record, Stopped, Task, described};
pub(crate) use values::Values;

pub(crate) struct RunState {
    pub(crate) root: Arc<Root>,
    /// Where its nodes are found among all of the run's, with a slash at the end: nothing for the run itself, `node/` for a
    /// body, `node/3/` for the body of an item.
    pub(crate) path: Box<str>,
    /// The same for the graph: without numbers.
    pub(crate) place: Arc<str>,
    pub(crate) workflow: Arc<Workflow>,
    pub(crate) began: Instant,
    /// Whether a host calls the transforms that have no function.
    hosted: bool,
    progress: Mutex<Progress>,
    /// Wakes the driver, and nobody else: a permit is kept when it is not waiting.
    wake: Notify,
    /// Why the body's node is no longer interested.
    abandoned: OnceLock<&'static str>,
    /// Set when it has ended.
    stopped: OnceLock<Stopped>,
    ended: Notify,
}

/// What the driver has to do next, besides its tasks.
pub(crate) struct Next {
    /// The host has calls to make.
    pub(crate) visit: bool,
    /// The host will not make them.
    pub(crate) refused: bool,
    pub(crate) finished: bool,
    /// Draining has cut a node's body off.
    pub(crate) cut_off: bool,
    /// Nothing runs.
    pub(crate) idle: bool,
}

/// A run that waits keeps room for so many tasks.
const FEW_TASKS: usize = 4;

impl RunState {
    pub(crate) fn new(
        root: Arc<Root>,
        workflow: Arc<Workflow>,
        input: Value,
        machine: Machine,
        hosted: bool,
    ) -> Self {
        let progress = Progress::new(machine, input, workflow.plan(), &root.memory);
        Self {
            root,
            path: Box::default(),
            place: Arc::default(),
            workflow,
            began: Instant::now(),
            hosted,
            progress: Mutex::new(progress),
            wake: Notify::new(),
            abandoned: OnceLock::new(),
            stopped: OnceLock::new(),
            ended: Notify::new(),
        }
    }

    /// The state of a body's run.
    pub(crate) fn within(mut self, path: String, place: Arc<str>) -> Self {
        (self.path, self.place) = (path.into(), place);
        self
    }

    /// The run of a function that belongs to another graph has the variables of that.
    pub(crate) fn seeing(self, variables: Arc<Value>) -> Self {
        self.progress().variables = variables;
        self
    }

    /// Whether a host calls the functions that the program has not bound.
    pub(crate) fn has_host(&self) -> bool {
        self.hosted
    }

    /// A node's id among all of the run's.
    pub(crate) fn name_of(&self, node: NodeIndex) -> String {
        format!("{}{}", self.path, self.workflow.plan().id(node).unwrap_or_default())
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands over what the driver has to start, and says what else there is. Nodes of the host are left for a visit. `start` is
    /// called under the lock: it must not ask the run for anything.
    pub(crate) fn next(&self, start: impl FnMut(Task)) -> Next {
        let mut progress = self.progress();
        progress.advance(self);
        progress.tasks.drain(..).for_each(start);
        progress.tasks.shrink_to(FEW_TASKS);
        let visit = !progress.visiting && !progress.calls.is_empty();
        progress.visiting |= visit;
        Next {
            visit,
            refused: progress.refusals >= hosted::REFUSALS,
            finished: progress.is_finished(),
            cut_off: progress.machine.counts().cancelled > 0,
            idle: progress.is_idle(),
        }
    }

    /// Keeps a node's outcome. Whether it counts: one that comes too late does not.
    pub(crate) fn settle(&self, node: NodeIndex, outcome: Result<Done>, moved: Moved) -> bool {
        let outcome = self.affordable(outcome);
        self.progress().settle(self, node, outcome, Some(moved))
    }

    /// An output that the run has no room for is none.
    pub(crate) fn affordable(&self, outcome: Result<Done>) -> Result<Done> {
        outcome.and_then(|done| self.root.memory.check().map(|()| done))
    }

    /// Keeps the answer of an edge's function.
    pub(crate) fn decide(&self, from: NodeIndex, to: NodeIndex, answer: Result<Value>) {
        self.progress().decide(self, from, to, answer);
    }

    /// What a node that has ended gave.
    pub(crate) fn output_of(&self, node: NodeIndex) -> Arc<Value> {
        self.progress().value(node)
    }

    /// The variables of the graph's state as they are now.
    pub(crate) fn variables(&self) -> Arc<Value> {
        Arc::clone(&self.progress().variables)
    }

    /// Counts one more attempt of a node of our own, and gives how many there are.
    pub(crate) fn try_again(&self, node: NodeIndex, error: &Error) -> u32 {
        let attempts = self.progress().try_again(node);
        self.tell_retry(node, attempts - 1, error);
        attempts
    }

    /// A node's error for the readers of events, with its place among all of the run's nodes.
    fn told(&self, node: NodeIndex, error: &Error) -> Arc<Error> {
        let id = self.workflow.plan().id(node).unwrap_or_default();
        let error = error.duplicate().node(id).run(self.root.id());
        Arc::new(match self.path.strip_suffix('/') {
            Some(path) => error.within(path),
            None => error,
        })
    }

    fn tell_retry(&self, node: NodeIndex, attempt: u32, error: &Error) {
        self.root.feed.send(|| RunEvent::NodeRetried {
            node: self.name_of(node).into(),
            attempt,
            error: self.told(node, error),
        });
    }

    pub(crate) fn wake(&self) {
        self.wake.notify_one();
    }

    pub(crate) async fn woken(&self) {
        self.wake.notified().await;
    }

    /// Asks the run to stop; only the first reason counts.
    pub(crate) fn cancel(&self, reason: String) {
        if self.root.cancel(reason) {
            self.wake();
        }
    }

    /// Nobody waits for the body any more; only the first reason counts.
    pub(crate) fn abandon(&self, reason: &'static str) {
        let _ = self.abandoned.set(reason);
    }

    /// What is left may not start: the run is cancelled, or, of a body, nobody gets its output.
    pub(crate) fn cut_off(&self) {
        let reason = "drained: nothing new was started";
        if self.is_body() { self.abandon(reason) } else { self.cancel(reason.to_owned()) }
    }

    /// Whether it is the run of a body.
    pub(crate) fn is_body(&self) -> bool {
        !self.path.is_empty()
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.root.cancelled().is_some() || self.abandoned.get().is_some()
    }

    /// Whether nothing that happens now counts any more.
    pub(crate) fn is_over(&self) -> bool {
        self.is_cancelled() || self.progress().over
    }

    /// Nothing more will start; what still runs is given up.
    pub(crate) fn stop(&self, cancelled: bool, failure: Option<Error>) -> Stopped {
        self.progress().stop(self, cancelled, failure)
    }

    /// Tells the readers of events that what still ran has ended with the run.
    pub(crate) fn close(&self) {
        self.progress().close(self);
    }

    /// Says that the run has ended, to everybody who waits for it. Only the first end counts.
    pub(crate) fn end(&self, stopped: Stopped) {
        let _ = self.stopped.set(stopped);
        self.ended.notify_waiters();
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.stopped.get().is_some()
    }

    /// Whether it has ended without being stopped.
    pub(crate) fn has_come_to_its_end(&self) -> bool {
        self.stopped.get().is_some_and(|stopped| !stopped.cancelled)
    }

    pub(crate) async fn ended(&self) -> Receipt {
        loop {
            let notified = self.ended.notified();
            let mut notified = std::pin::pin!(notified);
            notified.as_mut().enable();
            if let Some(stopped) = self.stopped.get() {
                return self.progress().receipt(self.workflow.plan(), stopped);
            }
            notified.await;
        }
    }

    /// The records and the first error, out of the state: the run is over. What is left is small, for a control may live long.
    pub(crate) fn take(&self) -> Left {
        let mut progress = self.progress();
        progress.forget_input();
        progress.times = progress.records.iter().map(|record| record.time(false)).collect();
        let mut records = std::mem::take(&mut progress.records);
        for ((index, _), record) in self.workflow.plan().nodes().zip(&mut records) {
            record.state = progress.machine.state(index);
        }
        Left {
            records,
            kept: std::mem::replace(&mut progress.kept, Kept::new(&self.root.memory, &Value::Null)),
            variables: std::mem::replace(&mut progress.variables, nothing()),
            error: progress.failure.take(),
        }
    }

    pub(crate) fn node(&self, index: NodeIndex) -> Result<&PlanNode> {
        self.workflow.plan().node(index).ok_or_else(|| Error::internal("a task of another plan"))
    }
}

/// The null of all runs: most have no variables, and none has its input for long.
pub(crate) fn nothing() -> Arc<Value> {
    static NOTHING: LazyLock<Arc<Value>> = LazyLock::new(|| apart(Arc::default));
    Arc::clone(&NOTHING)
}

/// What is left of a run that is over.
pub(crate) struct Left {
    pub(crate) records: Vec<Record>,
    pub(crate) kept: Kept,
    pub(crate) variables: Arc<Value>,
    pub(crate) error: Option<Error>,
}

/// The error of a run that was cancelled.
pub(crate) fn cancelled(run: &RunState) -> Error {
    let reason = run.root.cancelled().or(run.abandoned.get().copied()).filter(|reason| !reason.is_empty());
    Error::new(ErrorCode::Cancelled, reason.unwrap_or("cancelled by the caller")).run(run.root.id())
}
