//! The queue of ready nodes: a list linked through the nodes' own slots, so that it costs no memory.

use graphbit_core::NodeIndex;

use super::Machine;
use super::slot::{PAYLOAD, Slot};

/// A node, or none, in the bits that a slot leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Link(u32);

impl Link {
    pub(super) const NONE: Self = Self(PAYLOAD);

    pub(super) fn to(node: NodeIndex) -> Self {
        Self(node.as_u32() & PAYLOAD)
    }

    pub(super) fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    pub(super) fn bits(self) -> u32 {
        self.0
    }

    pub(super) fn node(self) -> Option<NodeIndex> {
        (self != Self::NONE).then_some(NodeIndex::new(self.0))
    }
}

impl Machine {
    /// Makes a node ready, behind all that are.
    pub(super) fn enqueue(&mut self, node: NodeIndex) {
        self.set(node, Slot::Ready(Link::NONE));
        match self.newest.node() {
            Some(newest) => self.set(newest, Slot::Ready(Link::to(node))),
            None => self.oldest = Link::to(node),
        }
        self.newest = Link::to(node);
    }

    /// Takes the oldest ready node that is wanted out of the list. Its slot is the caller's to change.
    pub(super) fn unlink_where(&mut self, wanted: &mut dyn FnMut(NodeIndex) -> bool) -> Option<NodeIndex> {
        let mut before = Link::NONE;
        let mut at = self.oldest;
        loop {
            let node = at.node()?;
            let Some(Slot::Ready(next)) = self.slot(node) else { return None };
            if !wanted(node) {
                (before, at) = (at, next);
                continue;
            }
            match before.node() {
                Some(before) => self.set(before, Slot::Ready(next)),
                None => self.oldest = next,
            }
            if next == Link::NONE {
                self.newest = before;
            }
            return Some(node);
        }
    }

    /// The ready nodes from the oldest to the newest.
    pub(super) fn queued(&self) -> impl Iterator<Item = NodeIndex> {
        std::iter::successors(self.oldest.node(), |node| match self.slot(*node) {
            Some(Slot::Ready(next)) => next.node(),
            _ => None,
        })
    }
}
