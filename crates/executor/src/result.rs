//! What a run leaves behind.

use std::sync::Arc;
use std::time::{Duration, Instant};

use graphbit_core::{Error, ErrorCode, NodeIndex};
use graphbit_llm::{FinishReason, Usage};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::machine::NodeState;
use crate::runtime::WhenDropped;
use crate::state::{Kept, Left, Record, RunState};
use crate::{MemoryUse, RunMemory, Workflow};

/// The outcome of a run: what every node did, and the error that came first.
pub struct RunResult {
    memory: RunMemory,
    /// What is declared of what it holds.
    kept: Kept,
    workflow: Arc<Workflow>,
    nodes: Vec<Record>,
    variables: Arc<Value>,
    error: Option<Error>,
    spent: Usage,
    began: Instant,
    duration: Duration,
    _freed: WhenDropped,
}

/// What one node did.
#[derive(Debug)]
#[non_exhaustive]
pub struct NodeResult<'a> {
    /// Its id.
    pub id: &'a str,
    /// How it ended.
    pub status: NodeStatus,
    /// Its output, when it succeeded.
    pub output: Option<&'a Arc<Value>>,
    /// Its error, when it failed; also where a fallback or its policy took the place of the failure.
    pub error: Option<&'a Error>,
    /// How long after the run's beginning it started; `None` when it never did.
    pub started: Option<Duration>,
    /// How long it took, with all its attempts.
    pub duration: Duration,
    /// How often it was tried.
    pub attempts: u32,
    /// The tokens of its last model call; of a node with a body those of all the calls that led to its output.
    pub usage: Option<&'a Usage>,
    /// Why its model ended.
    pub finish_reason: Option<FinishReason>,
    /// What it took of the run's memory.
    pub memory: NodeMemory,
}

/// What a node took of its run's memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct NodeMemory {
    /// Allocated by its work, in all attempts, bodies included. Absent where nobody counts, and of functions that a host
    /// calls.
    pub allocated_bytes: Option<u64>,
    /// What is kept of it: its output, unless that is somebody else's too, like an input that is passed on.
    pub retained_bytes: u64,
}

/// How a node ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum NodeStatus {
    /// It has an output.
    Succeeded,
    /// It has an error.
    Failed,
    /// Something upstream failed.
    Skipped,
    /// No way that was taken led to it; or it failed, and its policy passes over it.
    #[serde(rename = "notTaken")]
    NotTaken,
    /// The run ended before it did.
    Cancelled,
}

impl NodeStatus {
    pub(crate) fn of(state: NodeState) -> Self {
        match state {
            NodeState::Succeeded => Self::Succeeded,
            NodeState::Failed => Self::Failed,
            NodeState::Skipped => Self::Skipped,
            NodeState::NotTaken => Self::NotTaken,
            _ => Self::Cancelled,
        }
    }
}

/// What a run had done when it ended, by node id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Receipt {
    /// Whether it was cancelled; `false` when it had ended by itself before.
    pub cancelled: bool,
    /// Nodes that had ended.
    pub finished: Vec<String>,
    /// Nodes that were under way and were dropped.
    pub dropped: Vec<String>,
    /// Nodes that never started.
    pub never_started: Vec<String>,
    /// Nodes whose function has promised an outcome, cannot be stopped from outside, and may still run; those of bodies with
    /// their place, as in `each/3/fetch`.
    pub still_running: Vec<String>,
    /// Tokens read by the models that had answered, in bodies too.
    pub input_tokens: u64,
    /// Tokens written by them.
    pub output_tokens: u64,
}

/// Sums over the nodes of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RunStats {
    /// Nodes in the graph.
    pub total_nodes: usize,
    /// Nodes that succeeded.
    pub successful_nodes: usize,
    /// Nodes that failed.
    pub failed_nodes: usize,
    /// Nodes that did not run because others failed.
    pub skipped_nodes: usize,
    /// Nodes to which no way was taken, and those that their policy passed over.
    pub not_taken_nodes: usize,
    /// Nodes that the end of the run came before.
    pub cancelled_nodes: usize,
    /// Attempts of all nodes.
    pub attempts: u32,
    /// Time from start to end, in milliseconds.
    pub total_execution_time_ms: f64,
    /// Mean time of the nodes that ran, in milliseconds.
    pub avg_execution_time_ms: f64,
    /// The most nodes under way at once.
    pub max_concurrent_nodes: usize,
    /// Tokens read, where vendors counted them: by every reply, in bodies too, and whatever became of it.
    pub input_tokens: u64,
    /// Tokens written, likewise.
    pub output_tokens: u64,
    /// What the agents' replies cost, each by the prices of its own configuration; `None` when nothing was priced.
    pub cost: Option<f64>,
}

impl RunResult {
    pub(crate) fn new(run: &RunState) -> Self {
        let Left { records: nodes, kept, variables, error } = run.take();
        let (memory, workflow) = (run.root.memory.clone(), Arc::clone(&run.workflow));
        let (began, duration) = (run.began, run.began.elapsed());
        Self {
            memory,
            kept,
            workflow,
            nodes,
            variables,
            error,
            spent: run.root.spent(),
            began,
            duration,
            _freed: WhenDropped,
        }
    }

    /// The run's id.
    pub fn run_id(&self) -> &str {
        self.memory.id()
    }

    /// The name of the graph.
    pub fn workflow_name(&self) -> &str {
        self.workflow.plan().name()
    }

    /// Whether every way that was taken came to its end, with no failure that was not handled.
    pub fn is_success(&self) -> bool {
        let stopped = |state: &NodeState| matches!(state, NodeState::Skipped | NodeState::Cancelled);
        self.error.is_none() && !self.nodes.iter().any(|node| stopped(&node.state))
    }

    /// The error that came first, of those that nothing handled.
    pub fn error(&self) -> Option<&Error> {
        self.error.as_ref()
    }

    /// From start to end.
    pub fn duration(&self) -> Duration {
        self.duration
    }

    /// What a node did, by its id or, where no id is meant, its name.
    pub fn node(&self, id: &str) -> Option<NodeResult<'_>> {
        let plan = self.workflow.plan();
        let named = || plan.nodes().find(|(_, node)| node.node.name == id).map(|(index, _)| index);
        self.describe(plan.index_of(id).or_else(named)?)
    }

    /// What all nodes did, in the order in which they were added.
    pub fn nodes(&self) -> impl Iterator<Item = NodeResult<'_>> {
        self.workflow.plan().nodes().filter_map(|(index, _)| self.describe(index))
    }

    /// A node's output.
    pub fn output(&self, id: &str) -> Option<&Arc<Value>> {
        self.node(id)?.output
    }

    /// The graph's output: that of its only leaf, or an object by id where it has several.
    pub fn final_output(&self) -> Option<Arc<Value>> {
        let leaves = self.workflow.plan().leaves();
        if let [leaf] = leaves {
            return self.nodes.get(leaf.get())?.output.clone();
        }
        let outputs: Map<String, Value> = leaves
            .iter()
            .filter_map(|leaf| {
                let output = self.nodes.get(leaf.get())?.output.as_deref()?;
                Some((self.workflow.plan().id(*leaf)?.to_owned(), output.clone()))
            })
            .collect();
        (!outputs.is_empty()).then(|| Arc::new(Value::Object(outputs)))
    }

    /// The graph's output, where it has one leaf and that gave a text.
    pub fn final_text(&self) -> Option<&str> {
        match self.workflow.plan().leaves() {
            [leaf] => self.nodes.get(leaf.get())?.output.as_deref()?.as_str(),
            _ => None,
        }
    }

    /// The variables of the graph's state at the end: an object, or null where it has none.
    pub fn state(&self) -> &Arc<Value> {
        &self.variables
    }

    /// A success whose output does not have the form that the graph promises is none.
    pub(crate) fn fitting(mut self) -> Self {
        let faults = match self.workflow.plan().output_schema() {
            Some(schema) if self.is_success() => schema.faults(&self.final_output().unwrap_or_default()),
            _ => return self,
        };
        if !faults.is_empty() {
            let message = format!("the workflow's output does not fit its schema: {}", faults.join("; "));
            self.error = Some(Error::new(ErrorCode::Output, message).run(self.memory.id()));
        }
        self
    }

    /// Bytes of the outputs and the variables that the result keeps, each counted once.
    pub fn retained_bytes(&self) -> usize {
        usize::try_from(self.kept.bytes()).unwrap_or(usize::MAX)
    }

    /// What is still kept of the run, and the most that it held.
    pub fn memory(&self) -> MemoryUse {
        self.memory.usage()
    }

    /// Sums over the nodes.
    pub fn stats(&self) -> RunStats {
        let mut stats = RunStats { total_nodes: self.nodes.len(), ..RunStats::default() };
        let mut busy = Duration::ZERO;
        let mut edges = Vec::new();
        for node in self.nodes() {
            match node.status {
                NodeStatus::Succeeded => stats.successful_nodes += 1,
                NodeStatus::Failed => stats.failed_nodes += 1,
                NodeStatus::Skipped => stats.skipped_nodes += 1,
                NodeStatus::NotTaken => stats.not_taken_nodes += 1,
                NodeStatus::Cancelled => stats.cancelled_nodes += 1,
            }
            stats.attempts += node.attempts;
            busy += node.duration;
            if let Some(started) = node.started {
                edges.extend([(started, 1_i32), (started + node.duration, -1)]);
            }
        }
        stats.input_tokens = self.spent.input.unwrap_or(0);
        stats.output_tokens = self.spent.output.unwrap_or(0);
        stats.cost = self.spent.cost;
        edges.sort_unstable();
        let running = edges.iter().scan(0, |now, (_, step)| {
            *now += step;
            Some(*now)
        });
        let most = usize::try_from(running.max().unwrap_or(0)).unwrap_or(0);
        stats.max_concurrent_nodes = most.max(usize::from(!edges.is_empty())); // a node may take no time at all
        stats.total_execution_time_ms = self.duration.as_secs_f64() * 1e3;
        let ran = stats.successful_nodes + stats.failed_nodes;
        if ran > 0 {
            stats.avg_execution_time_ms = busy.as_secs_f64() * 1e3 / ran as f64;
        }
        stats
    }

    fn describe(&self, index: NodeIndex) -> Option<NodeResult<'_>> {
        let record = self.nodes.get(index.get())?;
        Some(NodeResult {
            id: self.workflow.plan().id(index)?,
            status: NodeStatus::of(record.state),
            output: record.output.as_ref(),
            error: record.error.as_ref(),
            started: record.started.map(|at| at.duration_since(self.began)),
            duration: record.duration,
            attempts: record.attempts,
            usage: record.usage.as_deref(),
            finish_reason: record.finish_reason,
            memory: record.memory,
        })
    }
}

/// The heap bytes of a JSON value, without the allocator's rounding.
pub(crate) fn size(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => size_of::<Value>(),
        Value::String(text) => size_of::<Value>() + text.len(),
        Value::Array(items) => size_of::<Value>() + items.iter().map(size).sum::<usize>(),
        Value::Object(members) => {
            size_of::<Value>() + members.iter().map(|(name, value)| name.len() + size(value)).sum::<usize>()
        }
    }
}
