//! How far the nodes of a run have come: while it runs, and, in so far as that takes little memory, when it has ended.

use std::time::Duration;

use crate::NodeState;

/// How far a node has come.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct NodeSnapshot {
    /// Its id.
    pub id: String,
    /// Where it stands.
    pub state: NodeState,
    /// How long it took, or has taken so far; `None` when it has not started.
    pub duration: Option<Duration>,
    /// How often it was tried.
    pub attempts: u32,
}

/// What is kept of a node's times when its run has ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Time {
    pub(crate) seconds: f32,
    pub(crate) attempts: u32,
}

impl Time {
    pub(crate) fn taken(self) -> Duration {
        Duration::try_from_secs_f32(self.seconds).unwrap_or_default()
    }
}
