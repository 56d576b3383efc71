//! "Did you mean" for ids. Comparing every wrong name with every id is quadratic: only the first ones get a suggestion.

use crate::graph::INPUT;
use crate::{Graph, nearest};

/// How many names are looked up in one validation.
const LOOKUPS: usize = 64;

pub(super) struct Suggest<'a> {
    graph: &'a Graph,
    left: usize,
}

impl<'a> Suggest<'a> {
    pub(super) fn new(graph: &'a Graph) -> Self {
        Self { graph, left: LOOKUPS }
    }

    /// The id of the node that is meant, by its name or by a near id.
    pub(super) fn node(&mut self, wrong: &str) -> Option<&'a str> {
        self.left = self.left.checked_sub(1)?;
        let by_name = self.graph.nodes().find(|node| node.name == wrong && !node.id.is_empty());
        by_name.map(|node| &*node.id).or_else(|| nearest(wrong, self.graph.nodes().map(|node| &*node.id)))
    }

    /// The same for a variable of a template, which may also mean the input.
    pub(super) fn variable(&mut self, wrong: &str) -> Option<&'a str> {
        let near = self.node(wrong);
        nearest(wrong, near.into_iter().chain([INPUT])).or(near)
    }
}
