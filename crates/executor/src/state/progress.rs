//! How far a run has come: what its lock protects. Nothing here waits, and no step looks at the whole plan.

mod deciding;
mod ending;
mod policy;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use graphbit_core::{Error, NodeIndex, Plan, Result};
use graphbit_llm::{FinishReason, Usage};
use graphbit_memory::Moved;
use serde_json::Value;

use super::kept::Kept;
use super::{RunState, Values, nothing, variables};
use crate::cache::Key;
use crate::event::RunEvent;
use crate::machine::{Machine, NodeState, Outcome, Status, Taken, edges_taken, is_taken};
use crate::snapshot::Time;
use crate::{NodeMemory, RunMemory};

use deciding::Deciding;
pub(crate) use ending::Stopped;
use policy::Settled;
pub(crate) use policy::described;

pub(super) struct Progress {
    pub(super) machine: Machine,
    pub(super) input: Arc<Value>,
    /// What is declared of what the records and the input hold.
    pub(super) kept: Kept,
    /// The variables of the graph's state, an object; null where it has none.
    pub(super) variables: Arc<Value>,
    pub(super) records: Vec<Record>,
    /// The error that came first.
    pub(super) failure: Option<Error>,
    /// For the driver to start.
    pub(super) tasks: Vec<Task>,
    /// For the host to call: handed out by the machine, so that they count as running.
    pub(super) calls: VecDeque<NodeIndex>,
    /// Nodes that the machine has handed out and the host never gets, for the run is being drained.
    held: usize,
    /// Where the outputs of hosted calls under way will be kept.
    pub(super) keys: BTreeMap<NodeIndex, Key>,
    /// Nodes that have succeeded, and functions of edges behind them have not answered yet.
    deciding: BTreeMap<NodeIndex, Deciding>,
    /// Where functions decided the edges behind a node: the nodes to which they are taken, in order.
    decided: BTreeMap<NodeIndex, Box<[NodeIndex]>>,
    /// Calls that were taken and are neither settled nor promised.
    pub(super) owed: usize,
    pub(super) visiting: bool,
    /// Visits in a row that were dropped unused.
    pub(super) refusals: u32,
    pub(super) over: bool,
    /// What is left of the records when the run has ended.
    pub(super) times: Box<[Time]>,
}

/// Something for the driver to await.
pub(crate) enum Task {
    /// A node of our own.
    Node(NodeIndex),
    /// The function of ours that decides the edge between two nodes.
    Decide(NodeIndex, NodeIndex),
    /// The pause before a hosted node is called again.
    Again(NodeIndex, Duration),
    /// The time that a hosted node has.
    Clock(NodeIndex, Duration),
    /// The pause before the host is visited again.
    Visit(Duration),
}

/// What is known of one node.
#[derive(Debug, Default)]
pub(crate) struct Record {
    pub(crate) output: Option<Arc<Value>>,
    pub(crate) error: Option<Error>,
    pub(crate) usage: Option<Box<Usage>>,
    pub(crate) started: Option<Instant>,
    pub(crate) duration: Duration,
    pub(crate) attempts: u32,
    pub(crate) finish_reason: Option<FinishReason>,
    pub(crate) memory: NodeMemory,
    /// Where it stood when the run was over.
    pub(crate) state: NodeState,
    /// A call of it is owed an outcome by the visit under way.
    pub(super) owed: bool,
    /// The readers of events know that it has ended, or never starts.
    told: bool,
}

/// What a handler brings back.
pub(crate) struct Done {
    pub(crate) output: Arc<Value>,
    pub(crate) usage: Option<Box<Usage>>,
    pub(crate) finish_reason: Option<FinishReason>,
}

impl From<Value> for Done {
    fn from(output: Value) -> Self {
        Arc::new(output).into()
    }
}

impl From<Arc<Value>> for Done {
    fn from(output: Arc<Value>) -> Self {
        Self { output, usage: None, finish_reason: None }
    }
}

impl Record {
    /// How long the node took, or has taken so far.
    pub(super) fn time(&self, running: bool) -> Time {
        let taken = self.started.filter(|_| running).map_or(self.duration, |at| at.elapsed());
        Time { seconds: taken.as_secs_f32(), attempts: self.attempts }
    }
}

impl Progress {
    pub(super) fn new(machine: Machine, input: Value, plan: &Plan, memory: &RunMemory) -> Self {
        let mut records = Vec::new();
        records.resize_with(plan.len(), Record::default);
        Self {
            machine,
            kept: Kept::new(memory, &input),
            input: Arc::new(input),
            variables: variables::initial(plan),
            records,
            failure: None,
            tasks: Vec::new(),
            calls: VecDeque::new(),
            held: 0,
            keys: BTreeMap::new(),
            deciding: BTreeMap::new(),
            decided: BTreeMap::new(),
            owed: 0,
            visiting: false,
            refusals: 0,
            over: false,
            times: Box::default(),
        }
    }

    pub(super) fn forget_input(&mut self) {
        self.kept.end(&self.input, &self.variables);
        self.input = nothing();
    }

    /// Takes every node that may start now, for the driver or for the host. None may while the run is being drained: the host
    /// then gets only what it has had before.
    pub(super) fn advance(&mut self, run: &RunState) {
        if run.root.draining().is_some() {
            let (records, before) = (&self.records, self.calls.len());
            let begun = |node: &NodeIndex| records.get(node.get()).is_some_and(|it| it.started.is_some());
            self.calls.retain(begun);
            self.held += before - self.calls.len();
            return;
        }
        while let Some(node) = self.machine.next_where(|_| true) {
            if run.is_hosted(node) {
                self.calls.push_back(node);
            } else {
                self.start(run, node);
                self.tasks.push(Task::Node(node));
            }
        }
    }

    /// The next node for the host to call, or the edge behind it, by the node that it leads to. A node's first call starts its
    /// clock.
    pub(super) fn call(&mut self, run: &RunState) -> Option<(NodeIndex, Option<NodeIndex>)> {
        loop {
            let node = self.calls.pop_front()?;
            if !self.is_running(node) {
                continue; // its time ran out between two attempts
            }
            let edge = self.asked(node);
            if edge.is_some() {
                // The node itself has ended.
            } else if self.records.get(node.get()).is_some_and(|record| record.started.is_none()) {
                self.start(run, node);
                if let Some(limit) = run.node(node).ok().and_then(|node| node.node.timeout) {
                    self.tasks.push(Task::Clock(node, limit));
                }
            } else {
                self.try_again(node);
            }
            if let Some(record) = self.records.get_mut(node.get()) {
                record.owed = true;
                self.owed += 1;
            }
            return Some((node, edge));
        }
    }

    fn start(&mut self, run: &RunState, node: NodeIndex) {
        run.root.feed.send(|| RunEvent::NodeStarted { node: run.name_of(node).into() });
        if let Some(record) = self.records.get_mut(node.get()) {
            record.started = Some(Instant::now());
            record.attempts = 1;
        }
    }

    /// Counts one more attempt, and gives how many there are.
    pub(super) fn try_again(&mut self, node: NodeIndex) -> u32 {
        self.records.get_mut(node.get()).map_or(u32::MAX, |record| {
            record.attempts = record.attempts.saturating_add(1);
            record.attempts
        })
    }

    pub(super) fn attempts(&self, node: NodeIndex) -> u32 {
        self.records.get(node.get()).map_or(0, |record| record.attempts)
    }

    pub(super) fn is_idle(&self) -> bool {
        self.machine.counts().running as usize <= self.held
    }

    pub(super) fn is_finished(&self) -> bool {
        matches!(self.machine.status(), Status::Finished(_))
    }

    pub(super) fn is_running(&self, node: NodeIndex) -> bool {
        !self.over && self.machine.state(node) == NodeState::Running
    }

    /// Whether a node runs, and its outcome is still to come: while functions decide the edges behind it, it has one.
    pub(super) fn is_at_work(&self, node: NodeIndex) -> bool {
        self.is_running(node) && !self.deciding.contains_key(&node)
    }

    /// The visit has kept its word about a call, or will later.
    pub(super) fn pay(&mut self, node: NodeIndex) {
        if let Some(record) = self.records.get_mut(node.get())
            && std::mem::take(&mut record.owed)
        {
            self.owed = self.owed.saturating_sub(1);
        }
    }

    /// The calls that a visit has left without a word. Looks at every node only if there are some.
    pub(super) fn unpaid(&mut self) -> Vec<(NodeIndex, Option<NodeIndex>)> {
        if std::mem::take(&mut self.owed) == 0 {
            return Vec::new();
        }
        let all = (0..).map(NodeIndex::new).zip(&mut self.records);
        let owed = all.filter_map(|(node, record)| std::mem::take(&mut record.owed).then_some(node));
        let owed: Vec<_> = owed.collect();
        owed.into_iter().map(|node| (node, self.asked(node))).collect()
    }

    /// Whether the edge between two nodes that are connected is taken.
    pub(super) fn is_live(&self, plan: &Plan, from: NodeIndex, to: NodeIndex) -> bool {
        match self.machine.state(from) {
            NodeState::Succeeded => match self.decided.get(&from) {
                Some(taken) => taken.binary_search(&to).is_ok(),
                None => is_taken(plan, from, to, &self.value(from)),
            },
            NodeState::Failed => plan.edge(from, to).handles_failure(),
            _ => false,
        }
    }

    /// What those behind a node find of it: its output, or what it failed with where they handle that; null where it
    /// has neither, for no way led to it or it has not ended.
    pub(super) fn value(&self, node: NodeIndex) -> Arc<Value> {
        let Some(record) = self.records.get(node.get()) else { return nothing() };
        // One whose edges could not be decided has failed, and has an output all the same.
        let output = record.output.as_ref().filter(|_| self.machine.state(node) != NodeState::Failed);
        match (output, &record.error) {
            (Some(output), _) => Arc::clone(output),
            (None, Some(error)) => Arc::new(policy::described(error)),
            (None, None) => nothing(),
        }
    }

    /// The values that templates of the node may name.
    pub(super) fn values<'a>(&self, plan: &Plan, roots: impl Iterator<Item = &'a str>) -> Values<'a> {
        let find = |root| Some((root, self.value(plan.index_of(root)?)));
        let state = (!plan.state().is_empty()).then(|| Arc::clone(&self.variables));
        Values { input: Arc::clone(&self.input), state, outputs: roots.filter_map(find).collect() }
    }

    /// Keeps a node's outcome. Whether it counts: one that comes after the node or the run has ended is dropped. The functions
    /// of edges behind it are asked before anything follows.
    pub(super) fn settle(
        &mut self,
        run: &RunState,
        node: NodeIndex,
        outcome: Result<Done>,
        moved: Option<Moved>,
    ) -> bool {
        if !self.is_at_work(node) {
            return false;
        }
        let named = |error: Error| named(run, node, error);
        let settled = policy::settle(self, run, node, outcome);
        let Some(record) = self.records.get_mut(node.get()) else { return false };
        record.duration = record.started.map(|at| at.elapsed()).unwrap_or_default();
        let settled = settled.unwrap_or_else(|error| Settled::failed(error, Outcome::Failed));
        let allocated = moved.map(|moved| moved.allocated_bytes).filter(|bytes| *bytes > 0);
        record.memory = NodeMemory { allocated_bytes: allocated, retained_bytes: 0 };
        if let Some(done) = settled.done {
            record.memory.retained_bytes = self.kept.keep(run.node(node), &done.output);
            record.output = Some(done.output);
            record.usage = done.usage;
            record.finish_reason = done.finish_reason;
        }
        record.error = settled.error.map(named);
        if settled.outcome != Outcome::Succeeded || !self.ask(run, node) {
            let output = self.output(node);
            let taken = edges_taken(run.workflow.plan(), node, &output);
            self.finish(run, node, settled.outcome, &taken);
        }
        true
    }

    /// Settles a node whose record is complete.
    fn finish(&mut self, run: &RunState, node: NodeIndex, outcome: Outcome, taken: &Taken) {
        let plan = run.workflow.plan();
        if outcome == Outcome::Failed && self.failure.is_none() && !plan.handles_failure(node) {
            let error = self.records.get(node.get()).and_then(|record| record.error.as_ref());
            self.failure = error.map(Error::duplicate);
        }
        let settled = self.machine.settle(plan, node, outcome, |place| taken.contains(place));
        if let Err(error) = settled {
            self.failure.get_or_insert(error);
        }
        self.tell(run, node);
    }

    /// What a node gave; null where it gave nothing.
    fn output(&self, node: NodeIndex) -> Arc<Value> {
        self.records.get(node.get()).and_then(|record| record.output.clone()).unwrap_or_else(nothing)
    }
}

/// An error with its place.
fn named(run: &RunState, node: NodeIndex, error: Error) -> Error {
    error.node(run.workflow.plan().id(node).unwrap_or_default()).run(run.root.id())
}
