//! A graph as one step of another.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Graph;

/// A body that runs once. It sees the node's input as `{{input}}`; its output is the output of its only leaf, or an
/// object by id of its leaves that succeeded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Subgraph {
    /// What runs.
    pub body: Arc<Graph>,
}

impl Subgraph {
    /// A graph as one step.
    pub fn new(body: impl Into<Arc<Graph>>) -> Self {
        Self { body: body.into() }
    }
}
