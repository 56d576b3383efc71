//! What happens in a run, as it happens: typed, in order, complete up to a bound that is told when it is reached.

mod feed;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use graphbit_core::Error;
use graphbit_llm::{FinishReason, Usage};
use serde_json::Value;

pub use feed::Events;
pub(crate) use feed::Feed;

use crate::{MemoryUse, NodeMemory, NodeStatus};

/// A step of a run. A node's events come between those of its beginning and its end, the run's first and last are
/// [`RunStarted`](RunEvent::RunStarted) and [`RunFinished`](RunEvent::RunFinished).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum RunEvent {
    /// The run has begun.
    RunStarted {
        /// Its id.
        run: Arc<str>,
        /// The graph's name.
        workflow: Arc<str>,
    },
    /// The run waits: what its executor, or the process, holds has reached a soft limit, and other runs are under way.
    RunWaiting {
        /// Its id.
        run: Arc<str>,
    },
    /// A node has begun.
    NodeStarted {
        /// Which.
        node: Arc<str>,
    },
    /// An attempt of a node failed and another one follows.
    NodeRetried {
        /// Which.
        node: Arc<str>,
        /// The attempt that failed, from 1.
        attempt: u32,
        /// Why.
        error: Arc<Error>,
    },
    /// A node's model writes.
    NodeDelta {
        /// Which.
        node: Arc<str>,
        /// What is written.
        kind: DeltaKind,
        /// The piece.
        text: String,
    },
    /// A node waits for an answer from outside.
    NodePaused {
        /// Which.
        node: Arc<str>,
        /// What it asks.
        question: Value,
    },
    /// A node was not run.
    NodeSkipped {
        /// Which.
        node: Arc<str>,
        /// Whether a branch was not taken, or something upstream failed.
        status: NodeStatus,
    },
    /// A node has ended.
    NodeFinished {
        /// Which.
        node: Arc<str>,
        /// How.
        status: NodeStatus,
        /// Its output.
        output: Option<Arc<Value>>,
        /// Its error.
        error: Option<Arc<Error>>,
        /// How long it took, in milliseconds.
        duration_ms: f64,
        /// How often it was tried.
        attempts: u32,
        /// The tokens of its model.
        usage: Option<Arc<Usage>>,
        /// Why its model ended.
        finish_reason: Option<FinishReason>,
        /// What it took of the run's memory.
        memory: NodeMemory,
    },
    /// The program's own.
    Custom {
        /// The node whose function sent it.
        node: Arc<str>,
        /// What it is.
        name: Arc<str>,
        /// What it carries.
        data: Value,
    },
    /// Events were dropped here because they were not read in time.
    Lagged {
        /// How many.
        missed: u64,
    },
    /// The run has ended.
    RunFinished {
        /// Its id.
        run: Arc<str>,
        /// How.
        end: crate::End,
        /// The error that came first.
        error: Option<Arc<Error>>,
        /// How long it took, in milliseconds.
        duration_ms: f64,
        /// What it holds, and the most that it held.
        memory: MemoryUse,
    },
}

/// What a model writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeltaKind {
    /// The answer.
    Text,
    /// Its thinking.
    Reasoning,
    /// The arguments of a tool call.
    ToolCall,
}

impl RunEvent {
    /// Its name, as in JavaScript.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::RunStarted { .. } => "run.started",
            Self::RunWaiting { .. } => "run.waiting",
            Self::NodeStarted { .. } => "node.started",
            Self::NodeRetried { .. } => "node.retried",
            Self::NodeDelta { .. } => "node.delta",
            Self::NodePaused { .. } => "node.paused",
            Self::NodeSkipped { .. } => "node.skipped",
            Self::NodeFinished { .. } => "node.finished",
            Self::Custom { .. } => "custom",
            Self::Lagged { .. } => "lagged",
            Self::RunFinished { .. } => "run.finished",
        }
    }

    /// About how many bytes it holds. Outputs are shared with the run and not counted.
    fn weight(&self) -> usize {
        size_of::<Self>()
            + match self {
                Self::NodeDelta { text, .. } => text.len(),
                Self::Custom { data: Value::String(text), .. } => text.len(),
                Self::Custom { .. } | Self::NodePaused { .. } => 256,
                _ => 0,
            }
    }
}
