//! The frozen form of a valid graph: dense indices, neighbours, parsed templates. It never changes, so that any
//! number of runs share one.

mod adjacency;
mod fingerprint;
mod index;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::sync::Arc;

use adjacency::Adjacency;
pub use index::NodeIndex;

use crate::validate::NodeTemplates;
use crate::{Graph, Node, Template};

/// A graph that is known to be valid, in the form that schedulers want. Made by [`Graph::compile`].
///
/// Indices count from 0 in the order in which the nodes were added. An index of another plan is answered with `None`
/// or with nothing, never with a panic.
#[derive(Debug)]
pub struct Plan {
    name: Box<str>,
    nodes: Box<[PlanNode]>,
    /// All indices in the order of their ids.
    by_id: Box<[NodeIndex]>,
    successors: Adjacency,
    predecessors: Adjacency,
    roots: Box<[NodeIndex]>,
    leaves: Box<[NodeIndex]>,
    fingerprint: u64,
}

/// A node with its templates parsed.
#[derive(Debug)]
#[non_exhaustive]
pub struct PlanNode {
    /// The node as it was added, shared with the graph.
    pub node: Arc<Node>,
    /// The prompt of an agent.
    pub template: Option<Template>,
    /// The system prompt of an agent that has one.
    pub system_template: Option<Template>,
}

impl Plan {
    /// Freezes a graph that validation found no error in.
    pub(crate) fn new(graph: &Graph, templates: Vec<NodeTemplates>) -> Self {
        let mut seen = HashSet::with_capacity(graph.nodes.edge_count());
        let edges: Vec<(NodeIndex, NodeIndex)> = (graph.nodes.raw_edges().iter())
            .map(|edge| (NodeIndex::from(edge.source()), NodeIndex::from(edge.target())))
            .filter(|edge| seen.insert(*edge))
            .collect();
        let count = graph.len();
        let successors = Adjacency::new(count, &edges);
        let predecessors =
            Adjacency::new(count, edges.iter().map(|&(from, to)| (to, from)).collect::<Vec<_>>().as_slice());
        let nodes: Box<[PlanNode]> = (graph.nodes.node_weights().zip(templates))
            .map(|(node, templates)| PlanNode {
                node: Arc::clone(node),
                template: templates.prompt,
                system_template: templates.system_prompt,
            })
            .collect();
        let mut by_id: Box<[NodeIndex]> = indices(count).collect();
        let id = |index: &NodeIndex| nodes.get(index.get()).map(|node| &*node.node.id);
        by_id.sort_unstable_by(|a, b| id(a).cmp(&id(b)));
        let without = |neighbours: &Adjacency| {
            indices(count).filter(|&index| neighbours.of(index).is_empty()).collect()
        };
        Self {
            name: graph.name().into(),
            fingerprint: fingerprint::of(nodes.iter().map(|node| &*node.node.id), &successors),
            roots: without(&predecessors),
            leaves: without(&successors),
            nodes,
            by_id,
            successors,
            predecessors,
        }
    }

    /// The graph's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there are no nodes.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// How many edges there are, two between the same nodes counted once.
    pub fn edge_count(&self) -> usize {
        self.successors.len()
    }

    /// The node at an index; `None` for an index of another plan.
    pub fn node(&self, index: NodeIndex) -> Option<&PlanNode> {
        self.nodes.get(index.get())
    }

    /// Every node with its index, in the order of the indices.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = (NodeIndex, &PlanNode)> {
        indices(self.len()).zip(&self.nodes)
    }

    /// The index of the node with this id.
    pub fn index_of(&self, id: &str) -> Option<NodeIndex> {
        let place = self.by_id.binary_search_by_key(&Some(id), |&index| self.id(index)).ok()?;
        self.by_id.get(place).copied()
    }

    /// The id of the node at an index; `None` for an index of another plan.
    pub fn id(&self, index: NodeIndex) -> Option<&str> {
        self.node(index).map(|node| &*node.node.id)
    }

    /// The nodes that wait for this one, in the order in which they were connected.
    pub fn successors(&self, index: NodeIndex) -> &[NodeIndex] {
        self.successors.of(index)
    }

    /// The nodes that this one waits for, in the order in which they were connected.
    pub fn predecessors(&self, index: NodeIndex) -> &[NodeIndex] {
        self.predecessors.of(index)
    }

    /// The nodes that wait for none.
    pub fn roots(&self) -> &[NodeIndex] {
        &self.roots
    }

    /// The nodes that none waits for.
    pub fn leaves(&self) -> &[NodeIndex] {
        &self.leaves
    }

    /// A hash of the ids and edges in their order, the same on every machine and in every release: whether a state
    /// that was saved belongs to this plan. It does not cover prompts and settings.
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }
}

fn indices(count: usize) -> impl ExactSizeIterator<Item = NodeIndex> {
    // A graph has fewer nodes than 2³⁰, so nothing is cut off.
    (0..count as u32).map(NodeIndex::new)
}
