//! What a run knows: the machine, the outputs so far, whether it was cancelled. Everything behind one short lock.

mod progress;
mod values;

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use graphbit_core::{Error, ErrorCode, NodeIndex, PlanNode, Result};
use serde_json::{Map, Value};
use tokio::sync::Notify;

use crate::handler::pause;
use crate::machine::{Machine, NodeState};
use crate::result::Receipt;
use crate::{HostedCall, Workflow};
use progress::Progress;
pub(crate) use progress::{Done, Record, Task};
pub(crate) use values::Values;

pub(crate) struct RunState {
    pub(crate) id: Box<str>,
    pub(crate) workflow: Arc<Workflow>,
    pub(crate) began: Instant,
    /// Whether a host calls the transforms that have no function.
    hosted: bool,
    progress: Mutex<Progress>,
    /// Wakes the driver, and nobody else: a permit is kept when it is not waiting.
    wake: Notify,
    cancelled: OnceLock<String>,
    receipt: OnceLock<Receipt>,
    ended: Notify,
}

/// What the driver has to do next.
pub(crate) struct Next {
    pub(crate) tasks: Vec<Task>,
    /// The host has calls to make.
    pub(crate) visit: bool,
    /// The host will not make them.
    pub(crate) refused: bool,
    pub(crate) finished: bool,
}

/// How many visits in a row a host may refuse, and the pause after the first; it doubles. Together half a second: enough for a
/// host that is busy for a moment, not for one that is gone.
const REFUSALS: u32 = 9;
const PAUSE: Duration = Duration::from_millis(1);

impl RunState {
    pub(crate) fn new(
        id: Box<str>,
        workflow: Arc<Workflow>,
        input: Value,
        machine: Machine,
        hosted: bool,
    ) -> Self {
        let progress = Progress::new(machine, input, workflow.plan().len());
        Self {
            id,
            workflow,
            began: Instant::now(),
            hosted,
            progress: Mutex::new(progress),
            wake: Notify::new(),
            cancelled: OnceLock::new(),
            receipt: OnceLock::new(),
            ended: Notify::new(),
        }
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the node is called on the host's thread.
    pub(crate) fn is_hosted(&self, node: NodeIndex) -> bool {
        self.hosted && self.workflow.needs_host(node)
    }

    /// Takes what the driver has to start. Nodes of the host are left for a visit.
    pub(crate) fn next(&self) -> Next {
        let mut progress = self.progress();
        progress.hand_out(self);
        let visit = !progress.visiting && !progress.calls.is_empty();
        progress.visiting |= visit;
        Next {
            tasks: std::mem::take(&mut progress.tasks),
            visit,
            refused: progress.refusals >= REFUSALS,
            finished: progress.is_finished(),
        }
    }

    pub(crate) fn settle(&self, node: NodeIndex, outcome: Result<Done>) {
        self.progress().settle(self, node, outcome);
    }

    /// Counts one more attempt of a node of our own, and gives how many there are.
    pub(crate) fn try_again(&self, node: NodeIndex) -> u32 {
        self.progress().try_again(node)
    }

    /// The next call for the host. What else may start meanwhile, the driver hears of at once.
    pub(crate) fn next_hosted(&self) -> Option<HostedCall> {
        if self.is_cancelled() {
            return None;
        }
        let node = {
            let mut progress = self.progress();
            progress.hand_out(self);
            let node = progress.call(self);
            if !progress.tasks.is_empty() {
                self.wake();
            }
            node?
        };
        Some(HostedCall { node, input: self.input_of(node) })
    }

    /// Keeps the outcome of a hosted call, or has the node called again when its policy says so.
    pub(crate) fn settle_hosted(&self, node: NodeIndex, outcome: Result<Value>) {
        let policy = self.node(node).ok().and_then(|node| node.node.retry.as_ref());
        let mut progress = self.progress();
        progress.pay(node);
        if let (Err(error), Some(policy)) = (&outcome, policy)
            && progress.is_running(node)
            && let Some(pause) = pause(policy, progress.attempts(node), error)
        {
            progress.tasks.push(Task::Again(node, pause));
        } else {
            progress.settle(self, node, outcome.map(Done::from));
            progress.hand_out(self);
        }
        let news = !progress.tasks.is_empty() || progress.is_finished();
        drop(progress);
        if news {
            self.wake(); // the visit may go on for a while
        }
    }

    /// The outcome of a call comes after the visit.
    pub(crate) fn promised(&self, node: NodeIndex) {
        self.progress().pay(node);
    }

    /// Gives a node to the host once more.
    pub(crate) fn queue(&self, node: NodeIndex) {
        self.progress().calls.push_back(node);
    }

    /// A visit is over. One that was not used is followed by a pause.
    pub(crate) fn end_visit(&self, used: bool) {
        let unpaid = {
            let mut progress = self.progress();
            if used {
                progress.refusals = 0;
                progress.visiting = false;
            } else {
                let pause = PAUSE * (1 << progress.refusals.min(REFUSALS));
                progress.refusals += 1;
                progress.tasks.push(Task::Visit(pause));
            }
            progress.unpaid()
        };
        for node in unpaid {
            self.settle_hosted(
                node,
                Err(Error::internal("a function was taken and neither called nor promised")),
            );
        }
        self.wake();
    }

    /// The host may be visited again.
    pub(crate) fn allow_visit(&self) {
        self.progress().visiting = false;
    }

    pub(crate) fn wake(&self) {
        self.wake.notify_one();
    }

    pub(crate) async fn woken(&self) {
        self.wake.notified().await;
    }

    /// Asks the run to stop; only the first reason counts.
    pub(crate) fn cancel(&self, reason: String) {
        if self.cancelled.set(reason).is_ok() {
            self.wake();
        }
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancelled.get().is_some()
    }

    /// Whether nothing that happens now counts any more.
    pub(crate) fn is_over(&self) -> bool {
        self.is_cancelled() || self.progress().over
    }

    /// Nothing more will start; what still runs is given up.
    pub(crate) fn stop(&self, cancelled: bool, failure: Option<Error>) -> Receipt {
        self.progress().stop(self, cancelled, failure)
    }

    /// Says that the run has ended, to everybody who waits for it. Only the first receipt counts.
    pub(crate) fn end(&self, receipt: Receipt) {
        let _ = self.receipt.set(receipt);
        self.ended.notify_waiters();
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.receipt.get().is_some()
    }

    pub(crate) async fn ended(&self) -> Receipt {
        loop {
            let notified = self.ended.notified();
            let mut notified = std::pin::pin!(notified);
            notified.as_mut().enable();
            if let Some(receipt) = self.receipt.get() {
                return receipt.clone();
            }
            notified.await;
        }
    }

    /// The records and the first error, out of the state: the run is over. What is left is small, for a control may live long.
    pub(crate) fn take(&self) -> (Vec<Record>, Vec<NodeState>, Option<Error>) {
        let mut progress = self.progress();
        let states = self.workflow.plan().nodes().map(|(index, _)| progress.machine.state(index)).collect();
        progress.input = Arc::default();
        (std::mem::take(&mut progress.records), states, progress.failure.take())
    }

    pub(crate) fn node(&self, index: NodeIndex) -> Result<&PlanNode> {
        self.workflow.plan().node(index).ok_or_else(|| Error::internal("a task of another plan"))
    }

    /// The outputs of a node's predecessors, with their ids, in the order of the edges.
    pub(crate) fn upstream(&self, index: NodeIndex) -> Vec<(&str, Arc<Value>)> {
        let plan = self.workflow.plan();
        let progress = self.progress();
        let output = |from: &NodeIndex| Some((plan.id(*from)?, progress.output(*from)?));
        plan.predecessors(index).iter().filter_map(output).collect()
    }

    /// What a transform gets: the only predecessor's output, an object by id, or the run's input.
    pub(crate) fn input_of(&self, index: NodeIndex) -> Arc<Value> {
        let mut upstream = self.upstream(index);
        match upstream.len() {
            0 => Arc::clone(&self.progress().input),
            1 => upstream.pop().map(|(_, output)| output).unwrap_or_default(),
            _ => {
                let members = upstream.into_iter().map(|(id, output)| (id.to_owned(), (*output).clone()));
                Arc::new(Value::Object(members.collect::<Map<_, _>>()))
            }
        }
    }

    /// The values that a template may name.
    pub(crate) fn values(&self, roots: impl Iterator<Item = impl AsRef<str>>) -> Values {
        let progress = self.progress();
        let find = |root: &str| progress.output(self.workflow.plan().index_of(root)?);
        let outputs =
            roots.filter_map(|root| Some((root.as_ref().to_owned(), find(root.as_ref())?))).collect();
        Values { input: Arc::clone(&progress.input), outputs }
    }
}

/// The error of a run that was cancelled.
pub(crate) fn cancelled(run: &RunState) -> Error {
    let reason = run.cancelled.get().filter(|reason| !reason.is_empty());
    Error::new(ErrorCode::Cancelled, reason.map_or("cancelled by the caller", String::as_str)).run(&*run.id)
}
