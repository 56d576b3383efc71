//! How far a run has come: what its lock protects. Nothing here waits or calls out, and no step looks at the whole plan.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use graphbit_core::{Error, NodeIndex, Result};
use graphbit_llm::{FinishReason, Usage};
use serde_json::Value;

use super::RunState;
use crate::machine::{Machine, NodeState, Outcome, Status};
use crate::result::Receipt;

pub(super) struct Progress {
    pub(super) machine: Machine,
    pub(super) input: Arc<Value>,
    pub(super) records: Vec<Record>,
    /// The error that came first.
    pub(super) failure: Option<Error>,
    /// For the driver to start.
    pub(super) tasks: Vec<Task>,
    /// For the host to call: handed out by the machine, so that they count as running.
    pub(super) calls: VecDeque<NodeIndex>,
    /// Calls that were taken and are neither settled nor promised.
    pub(super) owed: usize,
    pub(super) visiting: bool,
    /// Visits in a row that were dropped unused.
    pub(super) refusals: u32,
    pub(super) over: bool,
}

/// Something for the driver to await.
pub(crate) enum Task {
    /// A node of our own.
    Node(NodeIndex),
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
    /// A call of it is owed an outcome by the visit under way.
    pub(super) owed: bool,
}

/// What a handler brings back.
pub(crate) struct Done {
    pub(crate) output: Value,
    pub(crate) usage: Option<Box<Usage>>,
    pub(crate) finish_reason: Option<FinishReason>,
}

impl From<Value> for Done {
    fn from(output: Value) -> Self {
        Self { output, usage: None, finish_reason: None }
    }
}

impl Progress {
    pub(super) fn new(machine: Machine, input: Value, nodes: usize) -> Self {
        let mut records = Vec::new();
        records.resize_with(nodes, Record::default);
        Self {
            machine,
            input: Arc::new(input),
            records,
            failure: None,
            tasks: Vec::new(),
            calls: VecDeque::new(),
            owed: 0,
            visiting: false,
            refusals: 0,
            over: false,
        }
    }

    /// Takes every node that may start now, for the driver or for the host.
    pub(super) fn hand_out(&mut self, run: &RunState) {
        while let Some(node) = self.machine.next_where(|_| true) {
            if run.is_hosted(node) {
                self.calls.push_back(node);
            } else {
                self.start(node);
                self.tasks.push(Task::Node(node));
            }
        }
    }

    /// The next node for the host to call. Its first call starts its clock.
    pub(super) fn call(&mut self, run: &RunState) -> Option<NodeIndex> {
        loop {
            let node = self.calls.pop_front()?;
            if !self.is_running(node) {
                continue; // its time ran out between two attempts
            }
            if self.records.get(node.get()).is_some_and(|record| record.started.is_none()) {
                self.start(node);
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
            return Some(node);
        }
    }

    fn start(&mut self, node: NodeIndex) {
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

    pub(super) fn is_finished(&self) -> bool {
        matches!(self.machine.status(), Status::Finished(_))
    }

    pub(super) fn is_running(&self, node: NodeIndex) -> bool {
        !self.over && self.machine.state(node) == NodeState::Running
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
    pub(super) fn unpaid(&mut self) -> Vec<NodeIndex> {
        if std::mem::take(&mut self.owed) == 0 {
            return Vec::new();
        }
        let all = (0..).map(NodeIndex::new).zip(&mut self.records);
        all.filter_map(|(node, record)| std::mem::take(&mut record.owed).then_some(node)).collect()
    }

    pub(super) fn output(&self, node: NodeIndex) -> Option<Arc<Value>> {
        self.records.get(node.get())?.output.clone()
    }

    /// Keeps a node's outcome. One that comes after the node or the run has ended is dropped.
    pub(super) fn settle(&mut self, run: &RunState, node: NodeIndex, outcome: Result<Done>) {
        if !self.is_running(node) {
            return;
        }
        let Some(record) = self.records.get_mut(node.get()) else { return };
        record.duration = record.started.map(|at| at.elapsed()).unwrap_or_default();
        let settled = match outcome {
            Ok(done) => {
                record.output = Some(Arc::new(done.output));
                record.usage = done.usage;
                record.finish_reason = done.finish_reason;
                Outcome::Succeeded
            }
            Err(error) => {
                let error = error.node(run.workflow.plan().id(node).unwrap_or_default()).run(&*run.id);
                if self.failure.is_none() {
                    self.failure = Some(error.duplicate());
                }
                record.error = Some(error);
                Outcome::Failed
            }
        };
        if let Err(error) = self.machine.settle(run.workflow.plan(), node, settled) {
            self.failure.get_or_insert(error);
        }
    }

    /// Nothing starts from now on; what runs is given up. Says what had become of each node by then.
    pub(super) fn stop(&mut self, run: &RunState, cancelled: bool, failure: Option<Error>) -> Receipt {
        let mut receipt = Receipt { cancelled, ..Receipt::default() };
        for ((index, node), record) in run.workflow.plan().nodes().zip(&mut self.records) {
            let id = node.node.id.to_string();
            match self.machine.state(index) {
                NodeState::Succeeded | NodeState::Failed => receipt.finished.push(id),
                NodeState::Running if record.started.is_some() => {
                    record.duration = record.started.map(|at| at.elapsed()).unwrap_or_default();
                    receipt.dropped.push(id);
                }
                _ => receipt.never_started.push(id),
            }
        }
        self.over = true;
        self.machine.cancel();
        self.tasks = Vec::new();
        self.calls = VecDeque::new();
        if self.failure.is_none() {
            self.failure = failure;
        }
        receipt
    }
}
