//! What the end of a node means for the nodes behind it.

use graphbit_core::{Edge, NodeIndex, Plan};

use super::Machine;
use super::slot::Slot;
use super::state::NodeState;

/// What an edge has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resolution {
    Live,
    NotTaken,
    Lost,
}

/// What an edge comes to when its source ends in a state; `None` where the output decides.
pub(super) fn resolution(edge: Edge<'_>, source: NodeState, handled: bool) -> Option<Resolution> {
    Some(match source {
        NodeState::Succeeded if edge.is_always() => Resolution::Live,
        NodeState::Succeeded if edge.depends_on_output() => return None,
        NodeState::Failed if edge.handles_failure() => Resolution::Live,
        NodeState::Failed if !handled => Resolution::Lost,
        NodeState::Succeeded | NodeState::Failed | NodeState::NotTaken => Resolution::NotTaken,
        _ => Resolution::Lost,
    })
}

impl Machine {
    /// Resolves the edges behind a node that has just ended, and those behind all that never start for it.
    pub(super) fn resolve_behind(&mut self, plan: &Plan, node: NodeIndex, taken: &dyn Fn(usize) -> bool) {
        let state = self.state(node);
        let handled = state == NodeState::Failed && plan.handles_failure(node);
        self.failed |= state == NodeState::Failed && !handled;
        let mut behind = Vec::new();
        for (place, edge) in plan.edges(node).enumerate() {
            let by_output = || if taken(place) { Resolution::Live } else { Resolution::NotTaken };
            let resolution = resolution(edge, state, handled).unwrap_or_else(by_output);
            behind.extend(self.resolve(plan, edge.to, resolution).then_some(edge.to));
        }
        while let Some(node) = behind.pop() {
            let lost = self.state(node) == NodeState::Skipped;
            let resolution = if lost { Resolution::Lost } else { Resolution::NotTaken };
            for &to in plan.successors(node) {
                behind.extend(self.resolve(plan, to, resolution).then_some(to));
            }
        }
    }

    /// Resolves one edge to a node. Whether the node will therefore never start, which is news for those behind it.
    fn resolve(&mut self, plan: &Plan, node: NodeIndex, resolution: Resolution) -> bool {
        // Any other node is decided: by an edge that came before, or by a cancellation.
        let Some(Slot::Waiting { left, seen }) = self.slot(node) else { return false };
        let left = left.saturating_sub(1);
        let end = match plan.quorum(node) {
            None => {
                // What is remembered is whether an edge is live.
                let seen = seen || resolution == Resolution::Live;
                match (resolution, left) {
                    (Resolution::Lost, _) => Slot::Skipped,
                    (_, 0) if seen => return self.start(node),
                    (_, 0) => Slot::NotTaken,
                    _ => return self.wait(node, left, seen),
                }
            }
            Some(_) => {
                // What is remembered is whether an edge is lost.
                let seen = seen || resolution == Resolution::Lost;
                let need = self.need(node, resolution == Resolution::Live);
                match left {
                    _ if need == 0 => return self.start(node),
                    left if seen && need > left => Slot::Skipped,
                    0 => Slot::NotTaken,
                    left => return self.wait(node, left, seen),
                }
            }
        };
        self.set(node, end);
        true
    }

    fn start(&mut self, node: NodeIndex) -> bool {
        self.enqueue(node);
        false
    }

    fn wait(&mut self, node: NodeIndex, left: u32, seen: bool) -> bool {
        self.set(node, Slot::Waiting { left, seen });
        false
    }

    /// How many live edges a join with a quorum still needs, after one more or not.
    fn need(&mut self, node: NodeIndex, live: bool) -> u32 {
        match self.need_mut(node) {
            Some(need) => {
                *need = need.saturating_sub(u32::from(live));
                *need
            }
            None => u32::from(!live),
        }
    }

    /// The place of a join whose quorum is above one.
    pub(super) fn need_mut(&mut self, node: NodeIndex) -> Option<&mut u32> {
        self.needs.as_deref_mut()?.of_mut(node)
    }
}
