//! The edges behind every node with their conditions. Most edges have none, and cost nothing for it.

use std::collections::HashMap;
use std::sync::Arc;

use super::NodeIndex;
use super::adjacency::Adjacency;
use crate::When;
use crate::graph::Weight;
use crate::when::ALWAYS;

/// An edge of a plan. Edges that the graph has between the same nodes are one here.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Edge<'a> {
    /// Where it leads.
    pub to: NodeIndex,
    /// Its conditions, at least one; it is taken when one of them holds.
    whens: &'a [Arc<When>],
}

impl<'a> Edge<'a> {
    /// Its conditions, at least one; it is taken when one of them holds.
    pub fn whens(self) -> impl Iterator<Item = &'a When> {
        let always = self.whens.is_empty().then_some(&ALWAYS);
        always.into_iter().chain(self.whens.iter().map(|when| &**when))
    }

    /// Whether it is taken whenever its source succeeds.
    pub fn is_always(self) -> bool {
        self.whens().any(When::is_always)
    }

    /// Whether it is taken when its source fails.
    pub fn handles_failure(self) -> bool {
        self.whens.iter().any(|when| matches!(**when, When::Failed))
    }

    /// Whether the output of its source decides if it is taken.
    pub fn depends_on_output(self) -> bool {
        !self.is_always()
            && self
                .whens
                .iter()
                .any(|when| matches!(**when, When::Matches(_) | When::Function | When::Otherwise))
    }

    /// Whether a function of the program's is asked about it; its answer is one of its conditions.
    pub fn calls_function(self) -> bool {
        self.whens.iter().any(|when| matches!(**when, When::Function))
    }
}

/// An edge's place among all, and its conditions.
type Conditions = (u32, Box<[Arc<When>]>);

/// The edges from each node.
#[derive(Debug)]
pub(super) struct Edges {
    pub(super) targets: Adjacency,
    /// The edges that have conditions, in their order.
    conditions: Box<[Conditions]>,
}

impl Edges {
    /// The edges in the order in which they were connected; further ones between the same nodes add their conditions.
    /// The second half of the answer is the nodes in front of each node.
    pub(super) fn new(
        nodes: usize,
        edges: impl ExactSizeIterator<Item = (NodeIndex, NodeIndex, Weight)>,
    ) -> (Self, Adjacency) {
        let mut places: HashMap<(NodeIndex, NodeIndex), usize> = HashMap::with_capacity(edges.len());
        let mut ends: Vec<(NodeIndex, NodeIndex)> = Vec::with_capacity(edges.len());
        let mut conditions: HashMap<usize, Vec<Arc<When>>> = HashMap::new();
        for (from, to, weight) in edges {
            let new = ends.len();
            let place = *places.entry((from, to)).or_insert(new);
            if place == new {
                ends.push((from, to));
                if let Some(when) = weight {
                    conditions.insert(place, vec![when]);
                }
                continue;
            }
            let when = weight.unwrap_or_default();
            match conditions.get_mut(&place) {
                Some(whens) if whens.contains(&when) => {}
                Some(whens) => whens.push(when),
                None if when.is_always() => {}
                None => drop(conditions.insert(place, vec![Arc::default(), when])),
            }
        }
        let targets = Adjacency::new(nodes, &ends);
        let conditions = by_place(&targets, &ends, conditions);
        for (from, to) in &mut ends {
            std::mem::swap(from, to);
        }
        (Self { targets, conditions }, Adjacency::new(nodes, &ends))
    }

    /// The edges from a node.
    pub(super) fn from(&self, node: NodeIndex) -> impl ExactSizeIterator<Item = Edge<'_>> {
        let first = self.targets.range(node).start;
        let mut conditions = self.conditions_of(node).iter().peekable();
        self.targets.of(node).iter().enumerate().map(move |(place, &to)| {
            let whens = conditions.next_if(|(at, _)| *at as usize == first + place);
            Edge { to, whens: whens.map_or(&[], |(_, whens)| whens) }
        })
    }

    /// The edge between two nodes. Linear in the edges with conditions behind `from`.
    pub(super) fn between(&self, from: NodeIndex, to: NodeIndex) -> Edge<'_> {
        let target = |place: u32| self.targets.at(place as usize);
        let found = self.conditions_of(from).iter().find(|(place, _)| target(*place) == Some(to));
        Edge { to, whens: found.map_or(&[], |(_, whens)| whens) }
    }

    /// All edges with conditions: their place, and what they depend on.
    pub(super) fn conditions(&self) -> impl Iterator<Item = (u32, &[Arc<When>])> {
        self.conditions.iter().map(|(place, whens)| (*place, &**whens))
    }

    fn conditions_of(&self, node: NodeIndex) -> &[Conditions] {
        let range = self.targets.range(node);
        let place = |end: usize| self.conditions.partition_point(|(place, _)| (*place as usize) < end);
        self.conditions.get(place(range.start)..place(range.end)).unwrap_or_default()
    }
}

/// The conditions by the place that their edge has in the adjacency, from its place in the order of connecting.
fn by_place(
    targets: &Adjacency,
    ends: &[(NodeIndex, NodeIndex)],
    mut conditions: HashMap<usize, Vec<Arc<When>>>,
) -> Box<[Conditions]> {
    if conditions.is_empty() {
        return Box::default();
    }
    let mut seen: HashMap<NodeIndex, usize> = HashMap::new();
    let mut placed = Vec::with_capacity(conditions.len());
    for (number, (from, _)) in ends.iter().enumerate() {
        let nth = seen.entry(*from).or_default();
        if let Some(whens) = conditions.remove(&number) {
            placed.push(((targets.range(*from).start + *nth) as u32, whens.into_boxed_slice()));
        }
        *nth += 1;
    }
    placed.sort_unstable_by_key(|(place, _)| *place);
    placed.into()
}
