//! What the edges to a node have come to, as far as the states of their sources tell, and which states of the node that
//! leaves open.

use graphbit_core::Plan;

use super::NodeState;
use crate::machine::resolve::{Resolution, resolution};

pub(super) struct Census {
    /// How many live edges are enough; `None` where all have to be resolved.
    quorum: Option<u32>,
    edges: u32,
    /// Not resolved.
    pub(super) left: u32,
    live: u32,
    /// Live or not taken: what the output of the source said is not kept.
    open: u32,
    lost: u32,
}

impl Census {
    /// One for each node.
    pub(super) fn of(plan: &Plan, states: &[(NodeState, bool)], handled: &[bool]) -> Vec<Self> {
        let quorum = |node| plan.quorum(node).map(|edges| edges.get());
        let empty = |node| Self { quorum: quorum(node), edges: 0, left: 0, live: 0, open: 0, lost: 0 };
        let mut all: Vec<Self> = plan.nodes().map(|(node, _)| empty(node)).collect();
        for (((from, _), (source, _)), handled) in plan.nodes().zip(states).zip(handled) {
            for edge in plan.edges(from) {
                let Some(census) = all.get_mut(edge.to.get()) else { continue };
                census.edges += 1;
                if !source.is_final() {
                    census.left += 1;
                    continue;
                }
                match resolution(edge, *source, *handled) {
                    Some(Resolution::Live) => census.live += 1,
                    Some(Resolution::Lost) => census.lost += 1,
                    Some(Resolution::NotTaken) => {}
                    None => census.open += 1,
                }
            }
        }
        all
    }

    /// What a waiting node remembers of the edges that are resolved.
    pub(super) fn remembers(&self, seen: bool) -> bool {
        match self.quorum {
            None => seen || self.live > 0,
            Some(_) => self.lost > 0,
        }
    }

    /// Whether a run comes to this state of the node; `need` is what a join with a quorum above one still needs.
    pub(super) fn allows(&self, state: NodeState, seen: bool, need: Option<u32>, cancelled: bool) -> bool {
        match state {
            NodeState::Waiting => !cancelled && self.left > 0 && self.may_wait(seen, need),
            NodeState::Ready => !cancelled && self.may_start(),
            NodeState::Running | NodeState::Succeeded | NodeState::Failed => self.may_start(),
            NodeState::Skipped => self.may_be_lost(),
            NodeState::NotTaken => self.may_be_untaken() || self.may_start(),
            NodeState::Cancelled => cancelled || self.may_start(),
        }
    }

    fn may_start(&self) -> bool {
        let most = self.live + self.open;
        match self.quorum {
            _ if self.edges == 0 => true,
            None => self.left == 0 && self.lost == 0 && most > 0,
            Some(quorum) => most >= quorum,
        }
    }

    fn may_wait(&self, seen: bool, need: Option<u32>) -> bool {
        let Some(quorum) = self.quorum else {
            return self.lost == 0 && (!seen || self.live + self.open > 0);
        };
        let need = need.unwrap_or(1);
        let live = quorum.saturating_sub(need);
        let possible = (self.live..=self.live + self.open).contains(&live);
        possible && !(self.lost > 0 && need > self.left)
    }

    fn may_be_lost(&self) -> bool {
        let too_few = |quorum| self.live + self.left < quorum;
        self.lost > 0 && self.quorum.is_none_or(too_few)
    }

    fn may_be_untaken(&self) -> bool {
        let too_few = self.live < self.quorum.unwrap_or(1);
        self.edges > 0 && self.left == 0 && self.lost == 0 && too_few
    }
}
