//! A node: what to do, under which id, and within which limits. Nodes are data; whoever runs them is elsewhere.

mod agent;
mod condition;
mod delay;
mod join;
mod kind;
mod r#loop;
mod map;
mod millis;
mod pause;
mod policy;
mod retry;
mod slug;
mod subgraph;
#[cfg(test)]
mod tests;
mod tool;
mod write;

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

pub use agent::Agent;
pub use condition::{Branch, Choice, Condition, ModelChoice, OTHERWISE};
pub use delay::Delay;
pub use join::{Join, JoinRule, Reduce};
pub use kind::NodeKind;
pub use r#loop::{Loop, Repeat};
pub use map::{ItemError, Map};
pub use pause::Pause;
pub use policy::OnError;
pub use retry::RetryPolicy;
pub use subgraph::Subgraph;
pub use tool::Tool;
pub use write::Write;

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
    /// How long it may give no sign of life; `None` leaves it to the executor. In JSON as `idleTimeoutMs`.
    #[serde(
        default,
        rename = "idleTimeoutMs",
        with = "millis::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub idle_timeout: Option<Duration>,
    /// When to try again after a failure; `None` leaves it to the executor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry: Option<RetryPolicy>,
    /// What follows when the last attempt failed and there is no fallback.
    #[serde(default, skip_serializing_if = "OnError::is_default")]
    pub on_error: OnError,
    /// The output in place of a failure, a [`JsonTemplate`](crate::JsonTemplate).
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub fallback: Option<Value>,
    /// The key under which an output is kept for later runs, a [`Template`](crate::Template); `None` keeps none. It is
    /// kept for the same node of the same graph, as long as the node's kind and its settings stay as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache: Option<Arc<str>>,
    /// Which variables of the graph's state its output updates when it succeeds. All of them are updated, or, where
    /// one cannot take its update, none, and the node has failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub writes: Vec<Write>,
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
            idle_timeout: None,
            retry: None,
            on_error: OnError::Fail,
            fallback: None,
            cache: None,
            writes: Vec::new(),
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
        Self::new(name, Join::default())
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

    /// Bounds the time without a sign of life.
    #[must_use]
    pub fn with_idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = Some(timeout);
        self
    }

    /// Sets when to try again after a failure.
    #[must_use]
    pub fn with_retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = Some(retry);
        self
    }

    /// Sets what follows from a failure.
    #[must_use]
    pub fn with_on_error(mut self, on_error: OnError) -> Self {
        self.on_error = on_error;
        self
    }

    /// Sets the output in place of a failure; its strings are templates.
    #[must_use]
    pub fn with_fallback(mut self, output: impl Into<Value>) -> Self {
        self.fallback = Some(output.into());
        self
    }

    /// Keeps its output for later runs under a key, a template.
    #[must_use]
    pub fn with_cache(mut self, key: impl Into<Arc<str>>) -> Self {
        self.cache = Some(key.into());
        self
    }

    /// Updates one more variable of the graph's state with its output.
    #[must_use]
    pub fn with_write(mut self, write: Write) -> Self {
        self.writes.push(write);
        self
    }

    /// The agent's settings, if it is an agent.
    pub fn as_agent(&self) -> Option<&Agent> {
        match &self.kind {
            NodeKind::Agent(agent) => Some(agent),
            _ => None,
        }
    }
}

/// A member that is there, be it null: only one that is left out is `None`.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}
