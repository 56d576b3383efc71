//! The neighbours of every node in two flat arrays (compressed sparse rows).

use std::ops::Range;

use super::NodeIndex;

/// For each node a slice of its neighbours.
#[derive(Debug)]
pub(super) struct Adjacency {
    /// Where the slice of each node starts; one entry more than there are nodes.
    starts: Box<[u32]>,
    neighbours: Box<[NodeIndex]>,
}

impl Adjacency {
    /// The second ends of the edges by their first end, in the order of the edges (a counting sort).
    pub(super) fn new(nodes: usize, edges: &[(NodeIndex, NodeIndex)]) -> Self {
        let mut starts = vec![0_u32; nodes + 1];
        for (from, _) in edges {
            if let Some(count) = starts.get_mut(from.get() + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut next = starts.clone();
        let mut neighbours = vec![NodeIndex::new(0); edges.len()];
        for (from, to) in edges {
            if let Some(place) = next.get_mut(from.get()) {
                if let Some(neighbour) = neighbours.get_mut(*place as usize) {
                    *neighbour = *to;
                }
                *place += 1;
            }
        }
        Self { starts: starts.into(), neighbours: neighbours.into() }
    }

    /// The neighbours of a node; none for a node that does not exist.
    pub(super) fn of(&self, node: NodeIndex) -> &[NodeIndex] {
        self.neighbours.get(self.range(node)).unwrap_or_default()
    }

    /// Where the neighbours of a node stand among all; an empty range for a node that does not exist.
    pub(super) fn range(&self, node: NodeIndex) -> Range<usize> {
        match (self.starts.get(node.get()), self.starts.get(node.get() + 1)) {
            (Some(&start), Some(&end)) => start as usize..end as usize,
            _ => 0..0,
        }
    }

    /// The neighbour at a place among all.
    pub(super) fn at(&self, place: usize) -> Option<NodeIndex> {
        self.neighbours.get(place).copied()
    }

    /// How many edges there are.
    pub(super) fn len(&self) -> usize {
        self.neighbours.len()
    }

    /// The two arrays, for the fingerprint.
    pub(super) fn arrays(&self) -> (&[u32], &[NodeIndex]) {
        (&self.starts, &self.neighbours)
    }

    /// The bytes of the two arrays.
    #[cfg(test)]
    pub(super) fn heap(&self) -> usize {
        size_of_val(&*self.starts) + size_of_val(&*self.neighbours)
    }
}
