//! The frozen form of a valid graph: dense indices, neighbours, parsed templates. It never changes, so that any
//! number of runs share one.

mod adjacency;
mod edges;
mod fingerprint;
mod index;
mod node;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;

use adjacency::Adjacency;
pub use edges::Edge;
use edges::Edges;
pub use index::NodeIndex;
pub use node::PlanNode;

use crate::validate::GraphParts;
use crate::{Graph, NodeKind, Schema, StateVariable};

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
    edges: Edges,
    predecessors: Adjacency,
    roots: Box<[NodeIndex]>,
    leaves: Box<[NodeIndex]>,
    /// The joins that do not wait for all, in the order of the indices, with how many live edges they wait for.
    quorums: Box<[(NodeIndex, NonZeroU32)]>,
    state: BTreeMap<Arc<str>, StateVariable>,
    input: Option<Arc<Schema>>,
    output: Option<Arc<Schema>>,
    fingerprint: u64,
}

impl Plan {
    /// Freezes a graph that validation found no error in.
    pub(crate) fn new(graph: &Graph, parts: GraphParts) -> Self {
        let count = graph.len();
        let edges = (graph.nodes.raw_edges().iter())
            .map(|edge| (edge.source().into(), edge.target().into(), edge.weight.clone()));
        let (edges, predecessors) = Edges::new(count, edges);
        let nodes: Box<[PlanNode]> = (graph.nodes.node_weights().zip(parts.nodes))
            .map(|(node, parts)| PlanNode::new(Arc::clone(node), parts))
            .collect();
        let mut by_id: Box<[NodeIndex]> = indices(count).collect();
        let id = |index: &NodeIndex| nodes.get(index.get()).map(|node| &*node.node.id);
        by_id.sort_unstable_by(|a, b| id(a).cmp(&id(b)));
        let without = |neighbours: &Adjacency| {
            indices(count).filter(|&index| neighbours.of(index).is_empty()).collect()
        };
        let quorum = |(index, node): (NodeIndex, &PlanNode)| match &node.node.kind {
            NodeKind::Join(join) => Some((index, join.rule.at_least()?)),
            _ => None,
        };
        let quorums: Box<[_]> = indices(count).zip(&nodes).filter_map(quorum).collect();
        Self {
            name: graph.name().into(),
            fingerprint: fingerprint::of(&nodes, &edges, &quorums),
            roots: without(&predecessors),
            leaves: without(&edges.targets),
            quorums,
            state: graph.state.clone(),
            input: parts.input.map(Arc::new),
            output: parts.output.map(Arc::new),
            nodes,
            by_id,
            edges,
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
        self.edges.targets.len()
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
        self.edges.targets.of(index)
    }

    /// The edges behind this node: those to its [`successors`](Plan::successors), in their order.
    pub fn edges(&self, index: NodeIndex) -> impl ExactSizeIterator<Item = Edge<'_>> {
        self.edges.from(index)
    }

    /// The edge between two nodes that are connected. Time is linear in the edges with conditions behind `from`.
    pub fn edge(&self, from: NodeIndex, to: NodeIndex) -> Edge<'_> {
        self.edges.between(from, to)
    }

    /// How many live edges are enough for a join to start; `None` for a node that waits for all its edges.
    pub fn quorum(&self, index: NodeIndex) -> Option<NonZeroU32> {
        let place = self.quorums.binary_search_by_key(&index, |(node, _)| *node).ok()?;
        self.quorums.get(place).map(|(_, edges)| *edges)
    }

    /// The joins that do not wait for all their edges, in the order of the indices, with how many live ones are enough.
    pub fn quorums(&self) -> &[(NodeIndex, NonZeroU32)] {
        &self.quorums
    }

    /// Whether an edge takes over when this node fails.
    pub fn handles_failure(&self, index: NodeIndex) -> bool {
        self.edges(index).any(Edge::handles_failure)
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

    /// The variables of the state, by name.
    pub fn state(&self) -> &BTreeMap<Arc<str>, StateVariable> {
        &self.state
    }

    /// What a run's input is held to.
    pub fn input_schema(&self) -> Option<&Arc<Schema>> {
        self.input.as_ref()
    }

    /// What a run's output is held to.
    pub fn output_schema(&self) -> Option<&Arc<Schema>> {
        self.output.as_ref()
    }

    /// A hash of the ids and edges in their order, the same on every machine and in every release: whether a state
    /// that was saved belongs to this plan. It covers which kind of condition an edge has, how many edges a join waits
    /// for, and bodies; not prompts, settings, and what conditions compare to.
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }
}

fn indices(count: usize) -> impl ExactSizeIterator<Item = NodeIndex> {
    // A graph has fewer nodes than 2³⁰, so nothing is cut off.
    (0..count as u32).map(NodeIndex::new)
}
