//! The words in which a machine speaks: outcomes go in, states and a status come out.

use serde::{Deserialize, Serialize};

/// How a node that ran has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Outcome {
    /// It has an output.
    Succeeded,
    /// It has an error.
    Failed,
    /// It has an error that its policy passes over: it counts as if no way had led to it.
    Skipped,
    /// It was stopped.
    Cancelled,
}

/// Where a node stands in a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum NodeState {
    /// Predecessors have not ended yet.
    #[default]
    Waiting,
    /// It may start.
    Ready,
    /// It was handed out.
    Running,
    /// It ended with an output.
    Succeeded,
    /// It ended with an error.
    Failed,
    /// It never starts: something that it depends on failed or was cancelled, and nothing handled it.
    Skipped,
    /// It never starts: no way that leads to it was taken. Or it failed, and its policy passes over it.
    NotTaken,
    /// It was stopped, or the run was before it started.
    Cancelled,
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Status {
    /// Some nodes have not ended.
    Running {
        /// How many may start; more than zero beside a full house where the limit is reached.
        ready: u32,
        /// How many were handed out and not settled.
        running: u32,
    },
    /// Every node is in its final state.
    Finished(End),
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum End {
    /// Every way that was taken came to its end: no node was cancelled, and every failure was handled, by an edge for
    /// failures or by the policy of its node.
    Succeeded,
    /// At least one node failed, and nothing handled it.
    Failed,
    /// The run was cancelled before it was finished; or a node was, and there is no failure that was not handled.
    Cancelled,
}

/// How many nodes stand where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Predecessors have not ended yet.
    pub waiting: u32,
    /// May start.
    pub ready: u32,
    /// Handed out and not settled.
    pub running: u32,
    /// Ended with an output.
    pub succeeded: u32,
    /// Ended with an error.
    pub failed: u32,
    /// Never start, for a failure or a cancellation.
    pub skipped: u32,
    /// Never start, for no way to them was taken; or were passed over.
    pub not_taken: u32,
    /// Stopped.
    pub cancelled: u32,
}

impl NodeState {
    /// The state's name, as in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Ready => "ready",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
            Self::NotTaken => "notTaken",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether it never changes again.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Skipped | Self::NotTaken | Self::Cancelled)
    }
}

impl Counts {
    pub(crate) fn of_mut(&mut self, state: NodeState) -> &mut u32 {
        match state {
            NodeState::Waiting => &mut self.waiting,
            NodeState::Ready => &mut self.ready,
            NodeState::Running => &mut self.running,
            NodeState::Succeeded => &mut self.succeeded,
            NodeState::Failed => &mut self.failed,
            NodeState::Skipped => &mut self.skipped,
            NodeState::NotTaken => &mut self.not_taken,
            NodeState::Cancelled => &mut self.cancelled,
        }
    }
}
