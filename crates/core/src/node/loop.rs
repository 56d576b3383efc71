//! A body that runs again and again, at most so often.

use std::num::NonZeroU32;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Graph, Predicate};

/// A body that repeats. It sees `{"last": …, "iteration": 0, "input": …}` as `{{input}}`: the body's last output (null
/// at first), how often it ran before, and the node's own input. The output is the last output.
///
/// ```
/// use graphbit_core::{Graph, Loop, Node, Operator, Predicate, Repeat};
/// use serde_json::json;
/// use std::num::NonZeroU32;
///
/// let mut body = Graph::new("one draft");
/// body.add(Node::agent("Write", "Improve {{input.last}} for {{input.input.topic}}"))?;
/// let good = Predicate::whole(Operator::Contains(json!("DONE")));
/// let mut graph = Graph::new("essay");
/// graph.add(Node::new("Refine", Loop::new(body, Repeat::Until(good), NonZeroU32::new(5).unwrap())))?;
/// graph.compile()?;
/// # Ok::<(), graphbit_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Loop {
    /// What runs.
    pub body: Arc<Graph>,
    /// Whether it runs again.
    pub repeat: Repeat,
    /// How often it runs at most. A loop that is not done by then fails with `LIMIT`.
    pub limit: NonZeroU32,
}

/// Whether a loop's body runs again, from the body's output. In JSON `{"until": …}`, `{"while": …}`, `"untilFunction"`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Repeat {
    /// Until this holds.
    Until(Predicate),
    /// As long as this holds.
    While(Predicate),
    /// Until a function of the program's, called with the output, gives true. The executor binds it by the node's id.
    UntilFunction,
}

impl Loop {
    /// A body that repeats, at most `limit` times.
    pub fn new(body: impl Into<Arc<Graph>>, repeat: Repeat, limit: NonZeroU32) -> Self {
        Self { body: body.into(), repeat, limit }
    }
}

impl Repeat {
    /// Whether a function of the program's decides.
    pub const fn calls_function(&self) -> bool {
        matches!(self, Self::UntilFunction)
    }
}
