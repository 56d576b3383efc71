//! A node: what to do, under which id, and within which limits. Nodes are data; whoever runs them is elsewhere.

mod agent;
mod kind;
mod millis;
mod retry;
mod slug;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use agent::Agent;
pub use kind::NodeKind;
pub use retry::RetryPolicy;

/// One step of a [`Graph`](crate::Graph).
///
/// ```
/// use graphbit_core::{Agent, Node};
/// use std::time::Duration;
///
/// let node = Node::agent("Draft writer", "Write about {{input.topic}}");
/// assert_eq!(&*node.id, "draft-writer");
///
/// let node = Node::new("Reviewer", Agent::new("Review {{draft-writer}}").with_temperature(0.2))
///     .with_id("review")
///     .with_timeout(Duration::from_secs(30));
/// assert_eq!(&*node.id, "review");
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Node {
    /// What edges and templates call it. Without [`with_id`](Node::with_id) it is made from the name.
    pub id: Arc<str>,
    /// What people call it.
    pub name: String,
    /// What it is for, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What it does.
    pub kind: NodeKind,
    /// How long all its attempts together may take; `None` leaves it to the executor. In JSON whole milliseconds,
    /// rounded up, as `timeoutMs`.
    #[serde(
        default,
        rename = "timeoutMs",
        with = "millis::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub timeout: Option<Duration>,
    /// When to try again after a failure; `None` leaves it to the executor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry: Option<RetryPolicy>,
    /// The id was made from the name, so the graph may change it to keep it unique.
    #[serde(skip)]
    pub(crate) id_is_made: bool,
}

impl Node {
    /// A node of any kind, with an id made from its name.
    pub fn new(name: impl Into<String>, kind: impl Into<NodeKind>) -> Self {
        let (name, kind) = (name.into(), kind.into());
        Self {
            id: slug::slug(&name, kind.name()).into(),
            name,
            description: None,
            kind,
            timeout: None,
            retry: None,
            id_is_made: true,
        }
    }

    /// A node that asks a model. The prompt is a [`Template`](crate::Template).
    pub fn agent(name: impl Into<String>, prompt: impl Into<Arc<str>>) -> Self {
        Self::new(name, Agent::new(prompt))
    }

    /// A node that calls a function of the program's. The function is bound to the node's id by the executor.
    pub fn transform(name: impl Into<String>) -> Self {
        Self::new(name, NodeKind::Transform)
    }

    /// A node that waits for all its predecessors and collects their outputs by id.
    pub fn join(name: impl Into<String>) -> Self {
        Self::new(name, NodeKind::Join)
    }

    /// Sets the id. The graph keeps it as it is, and reports it if it is taken.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<Arc<str>>) -> Self {
        self.id = id.into();
        self.id_is_made = false;
        self
    }

    /// Says what the node is for.
    #[must_use]
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Bounds the time of all attempts together.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets when to try again after a failure.
    #[must_use]
    pub fn with_retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = Some(retry);
        self
    }

    /// The agent's settings, if it is an agent.
    pub fn as_agent(&self) -> Option<&Agent> {
        match &self.kind {
            NodeKind::Agent(agent) => Some(agent),
            NodeKind::Transform | NodeKind::Join => None,
        }
    }
}
