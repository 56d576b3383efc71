//! How far the nodes of a run have come.

use graphbit_core::{NodeIndex, PlanNode};

use super::RunState;
use super::progress::Progress;
use crate::machine::NodeState;
use crate::snapshot::Time;
use crate::{NodeSnapshot, NodeTally};

impl RunState {
    /// How far every node has come.
    pub(crate) fn snapshot(&self) -> Vec<NodeSnapshot> {
        let progress = self.progress();
        let node = |(index, node): (NodeIndex, &PlanNode)| {
            let (state, time) = progress.stand(index);
            NodeSnapshot {
                id: node.node.id.to_string(),
                state,
                duration: time.map(Time::taken),
                attempts: time.map_or(0, |time| time.attempts),
            }
        };
        self.workflow.plan().nodes().map(node).collect()
    }

    /// Adds how far its nodes have come to the tallies of all the bodies of its graph.
    pub(crate) fn tally(&self, tallies: &mut Vec<NodeTally>) {
        let progress = self.progress();
        if tallies.is_empty() {
            let name = |(_, node): (NodeIndex, &PlanNode)| NodeTally {
                id: node.node.id.to_string(),
                ..NodeTally::default()
            };
            tallies.extend(self.workflow.plan().nodes().map(name));
        }
        for ((index, _), tally) in self.workflow.plan().nodes().zip(tallies) {
            let (state, time) = progress.stand(index);
            let taken = time.map(Time::taken).unwrap_or_default();
            tally.add(state, taken, time.map_or(0, |time| time.attempts));
        }
    }
}

impl Progress {
    /// Where a node stands, and, if it has started, its time.
    pub(super) fn stand(&self, node: NodeIndex) -> (NodeState, Option<Time>) {
        let state = match self.machine.state(node) {
            NodeState::Running if self.over => NodeState::Cancelled,
            other => other,
        };
        let now = || Some(self.records.get(node.get())?.time(state == NodeState::Running));
        let time = self.times.get(node.get()).copied().or_else(now);
        (state, time.filter(|time| time.attempts > 0))
    }
}
