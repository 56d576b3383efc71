//! How far joins with a quorum above one are. Few plans have such joins, so that they do not weigh on every slot.

use std::num::NonZeroU32;

use graphbit_core::NodeIndex;

/// How many live edges each of these joins still needs, in the order of the nodes.
#[derive(Clone, Debug)]
pub(super) struct Needs(Vec<(NodeIndex, u32)>);

impl Needs {
    /// Those of a plan; `None` where it has none.
    pub(super) fn new(quorums: &[(NodeIndex, NonZeroU32)]) -> Option<Box<Self>> {
        let several = quorums.iter().filter(|(_, edges)| edges.get() > 1);
        let needs: Vec<_> = several.map(|(node, edges)| (*node, edges.get())).collect();
        (!needs.is_empty()).then(|| Box::new(Self(needs)))
    }

    pub(super) fn of_mut(&mut self, node: NodeIndex) -> Option<&mut u32> {
        let place = self.0.binary_search_by_key(&node, |(node, _)| *node).ok()?;
        self.0.get_mut(place).map(|(_, need)| need)
    }

    pub(super) fn as_slice(&self) -> &[(NodeIndex, u32)] {
        &self.0
    }
}
