//! What a run knows: the machine, the outputs so far, whether it was cancelled. Everything behind one short lock.

mod progress;
mod values;
mod variables;

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use graphbit_core::{Error, ErrorCode, NodeIndex, NodeKind, PlanNode, Result, Template};
use serde_json::{Map, Value};
use tokio::sync::Notify;

use crate::event::RunEvent;
use crate::handler::pause;
use crate::machine::{Machine, NodeState};
use crate::result::Receipt;
use crate::root::Root;
use crate::{HostedCall, Workflow};
use progress::Progress;
pub(crate) use progress::{Done, Record, Task, described};
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
    /// The body's node is no longer interested.
    abandoned: OnceLock<()>,
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
    /// Nothing runs.
    pub(crate) idle: bool,
}

/// How many visits in a row a host may refuse, and the pause after the first; it doubles. Together half a second: enough for a
/// host that is busy for a moment, not for one that is gone.
const REFUSALS: u32 = 9;
const PAUSE: Duration = Duration::from_millis(1);

impl RunState {
    pub(crate) fn new(
        root: Arc<Root>,
        workflow: Arc<Workflow>,
        input: Value,
        machine: Machine,
        hosted: bool,
    ) -> Self {
        let progress = Progress::new(machine, input, workflow.plan());
        Self {
            root,
            path: Box::default(),
            place: Arc::from(""),
            workflow,
            began: Instant::now(),
            hosted,
            progress: Mutex::new(progress),
            wake: Notify::new(),
            abandoned: OnceLock::new(),
            receipt: OnceLock::new(),
            ended: Notify::new(),
        }
    }

    /// The state of a body's run.
    pub(crate) fn within(mut self, path: String, place: Arc<str>) -> Self {
        (self.path, self.place) = (path.into(), place);
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

    /// Whether the node is called on the host's thread.
    pub(crate) fn is_hosted(&self, node: NodeIndex) -> bool {
        self.hosted && self.workflow.needs_host(node)
    }

    /// Takes what the driver has to start. Nodes of the host are left for a visit.
    pub(crate) fn next(&self) -> Next {
        let mut progress = self.progress();
        if self.root.draining().is_none() {
            progress.hand_out(self);
        }
        let visit = !progress.visiting && !progress.calls.is_empty();
        progress.visiting |= visit;
        Next {
            tasks: std::mem::take(&mut progress.tasks),
            visit,
            refused: progress.refusals >= REFUSALS,
            finished: progress.is_finished(),
            idle: !progress.is_running_any(),
        }
    }

    pub(crate) fn settle(&self, node: NodeIndex, outcome: Result<Done>) {
        self.progress().settle(self, node, outcome);
    }

    /// Counts one more attempt of a node of our own, and gives how many there are.
    pub(crate) fn try_again(&self, node: NodeIndex, error: &Error) -> u32 {
        let attempts = self.progress().try_again(node);
        self.tell_retry(node, attempts - 1, error);
        attempts
    }

    fn tell_retry(&self, node: NodeIndex, attempt: u32, error: &Error) {
        self.root.feed.send(|| RunEvent::NodeRetried {
            node: self.name_of(node).into(),
            attempt,
            error: Arc::new(error.duplicate()),
        });
    }

    /// A template with the values of the run.
    pub(crate) fn render(&self, template: &Template) -> Result<String> {
        template.render(&self.values(template.variables().map(|variable| variable.root())))
    }

    /// A template's value: what a variable alone stands for, else the text.
    pub(crate) fn evaluate(&self, template: &Template) -> Result<Value> {
        template.evaluate(&self.values(template.variables().map(|variable| variable.root())))
    }

    /// The next call for the host. What else may start meanwhile, the driver hears of at once.
    pub(crate) fn next_hosted(&self) -> Option<HostedCall> {
        if self.is_cancelled() {
            return None;
        }
        loop {
            let node = {
                let mut progress = self.progress();
                if self.root.draining().is_none() {
                    progress.hand_out(self);
                }
                let node = progress.call(self);
                if !progress.tasks.is_empty() {
                    self.wake();
                }
                node?
            };
            match self.call_input(node) {
                Ok(input) => return Some(HostedCall { node, input }),
                Err(error) => self.settle_hosted(node, Err(error)),
            }
        }
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
            self.tell_retry(node, progress.attempts(node), error);
            progress.tasks.push(Task::Again(node, pause));
        } else {
            let outcome = outcome.and_then(|value| self.checked(node, value));
            progress.settle(self, node, outcome.map(Done::from));
            if self.root.draining().is_none() {
                progress.hand_out(self);
            }
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
        if self.root.cancel(reason) {
            self.wake();
        }
    }

    /// The body's node has ended without it.
    pub(crate) fn abandon(&self) {
        let _ = self.abandoned.set(());
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.root.cancelled().is_some() || self.abandoned.get().is_some()
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
    pub(crate) fn take(&self) -> Left {
        let mut progress = self.progress();
        let states = self.workflow.plan().nodes().map(|(index, _)| progress.machine.state(index)).collect();
        progress.input = Arc::default();
        Left {
            records: std::mem::take(&mut progress.records),
            states,
            variables: std::mem::take(&mut progress.variables),
            error: progress.failure.take(),
        }
    }

    pub(crate) fn node(&self, index: NodeIndex) -> Result<&PlanNode> {
        self.workflow.plan().node(index).ok_or_else(|| Error::internal("a task of another plan"))
    }

    /// The outputs of the predecessors that led to a node, with their ids, in the order of the edges. What an edge that
    /// is not taken could carry, and what has not ended, is left out; of a failure that the node handles it is
    /// `{"error": {"code": …, "message": …}}`.
    pub(crate) fn upstream(&self, index: NodeIndex) -> Vec<(&str, Arc<Value>)> {
        let plan = self.workflow.plan();
        let progress = self.progress();
        let live = |from: &&NodeIndex| progress.is_live(plan, **from, index);
        let value = |from: &NodeIndex| Some((plan.id(*from)?, progress.value(*from)));
        plan.predecessors(index).iter().filter(live).filter_map(value).collect()
    }

    /// What a function gets: the arguments of a tool, else as [`input_of`](Self::input_of).
    pub(crate) fn call_input(&self, index: NodeIndex) -> Result<Arc<Value>> {
        let node = self.node(index)?;
        match node.arguments().filter(|_| matches!(node.node.kind, NodeKind::Tool(_))) {
            Some(arguments) => {
                let variables = arguments.templates().flat_map(|template| template.variables());
                arguments.render(&self.values(variables.map(|variable| variable.root()))).map(Arc::new)
            }
            None => Ok(self.input_of(index)),
        }
    }

    /// What a function gave, where that must be of a kind.
    pub(crate) fn checked(&self, index: NodeIndex, value: Value) -> Result<Value> {
        match (&self.node(index)?.node.kind, &value) {
            (NodeKind::Condition(_), Value::Bool(_) | Value::String(_)) => Ok(value),
            (NodeKind::Condition(_), _) => Err(Error::new(
                ErrorCode::Tool,
                "the function of a condition must give the name of a branch, or true or false",
            )),
            _ => Ok(value),
        }
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
        self.progress().values(self.workflow.plan(), roots)
    }
}

/// What is left of a run that is over.
pub(crate) struct Left {
    pub(crate) records: Vec<Record>,
    pub(crate) states: Vec<NodeState>,
    pub(crate) variables: Arc<Value>,
    pub(crate) error: Option<Error>,
}

/// The error of a run that was cancelled.
pub(crate) fn cancelled(run: &RunState) -> Error {
    let reason = run.root.cancelled().filter(|reason| !reason.is_empty());
    Error::new(ErrorCode::Cancelled, reason.unwrap_or("cancelled by the caller")).run(&*run.root.id)
}
