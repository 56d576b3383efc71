//! The dense index of a node in a plan.

use serde::{Deserialize, Serialize};

/// A node's place in a [`Plan`](crate::Plan), counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NodeIndex(u32);

impl NodeIndex {
    /// The index with this number; whether a plan has it, the plan knows.
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// The number, to look into a slice that has an entry for each node.
    pub const fn get(self) -> usize {
        self.0 as usize
    }

    /// The number.
    pub const fn as_u32(self) -> u32 {
        self.0
    }
}

impl From<petgraph::graph::NodeIndex> for NodeIndex {
    fn from(index: petgraph::graph::NodeIndex) -> Self {
        // Petgraph's index is a u32 too.
        Self(index.index() as u32)
    }
}
