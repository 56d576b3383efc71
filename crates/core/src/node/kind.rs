//! What a node does. A kind carries its settings, never a function.

use serde::{Deserialize, Serialize};

use super::Agent;

/// The kind of a node, with its settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum NodeKind {
    /// Asks a model.
    Agent(Agent),
    /// Calls a function of the program's, which the executor binds by the node's id.
    Transform,
    /// Collects the outputs of its predecessors by id.
    Join,
}

impl NodeKind {
    /// The kind's name, as in JSON.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Agent(_) => "agent",
            Self::Transform => "transform",
            Self::Join => "join",
        }
    }
}

impl From<Agent> for NodeKind {
    fn from(agent: Agent) -> Self {
        Self::Agent(agent)
    }
}
