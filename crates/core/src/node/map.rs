//! A body for each item of a list.

use std::num::NonZeroU32;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Graph;

/// A body that runs once for each item. It sees `{"item": …, "index": 0, "input": …}` as `{{input}}`: the item, its
/// place counted from 0, and what else the node got: its own input, with null in the place of the list. The output is the
/// list of the bodies' outputs, in the order of the items.
///
/// ```
/// use graphbit_core::{Graph, Map, Node};
/// use std::num::NonZeroU32;
///
/// let mut body = Graph::new("one article");
/// body.add(Node::agent("Summarise", "Summarise: {{input.item.text}}"))?;
/// let mut graph = Graph::new("digest");
/// graph.add(Node::new("Each", Map::over("{{input.articles}}", body).with_concurrency(NonZeroU32::MIN)))?;
/// graph.compile()?;
/// # Ok::<(), graphbit_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Map {
    /// Where the list is: a template of one variable, as in `{{input.list}}`. `None` takes the node's input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<Arc<str>>,
    /// What runs for each item.
    pub body: Arc<Graph>,
    /// The most bodies that run at once; `None` leaves it to the executor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<NonZeroU32>,
    /// What an item that fails does to the others.
    #[serde(default, skip_serializing_if = "is_default")]
    pub on_error: ItemError,
}

/// What an item that fails does to the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum ItemError {
    /// The node fails, and what is under way is dropped.
    #[default]
    Fail,
    /// The others go on; in the output stands `{"error": {"code": …, "message": …}}` in the item's place.
    Collect,
}

impl Map {
    /// A body for each item of the node's input.
    pub fn new(body: impl Into<Arc<Graph>>) -> Self {
        Self { items: None, body: body.into(), concurrency: None, on_error: ItemError::Fail }
    }

    /// A body for each item of what a variable names, as in `{{input.list}}`.
    pub fn over(items: impl Into<Arc<str>>, body: impl Into<Arc<Graph>>) -> Self {
        Self { items: Some(items.into()), ..Self::new(body) }
    }

    /// Sets the most bodies that run at once.
    #[must_use]
    pub fn with_concurrency(mut self, limit: NonZeroU32) -> Self {
        self.concurrency = Some(limit);
        self
    }

    /// Sets what an item that fails does to the others.
    #[must_use]
    pub fn with_on_error(mut self, on_error: ItemError) -> Self {
        self.on_error = on_error;
        self
    }
}

fn is_default(on_error: &ItemError) -> bool {
    *on_error == ItemError::Fail
}
