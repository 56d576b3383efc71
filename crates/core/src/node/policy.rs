//! What becomes of a run when a node fails.

use serde::{Deserialize, Serialize};

/// What follows from a failure that no fallback replaces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum OnError {
    /// What depends on the node is skipped, and the run fails, unless an edge with
    /// [`When::Failed`](crate::When::Failed) handles the failure.
    #[default]
    Fail,
    /// The node counts as if no way had led to it: its edges are not taken, the run goes on.
    Skip,
    /// The node counts as succeeded, with the output null.
    Continue,
}

impl OnError {
    pub(super) fn is_default(&self) -> bool {
        *self == Self::Fail
    }
}
