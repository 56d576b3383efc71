//! How far the nodes of a run have come.

use std::time::Duration;

use graphbit_core::{NodeIndex, PlanNode};

use super::RunState;
use crate::NodeSnapshot;
use crate::machine::NodeState;

impl RunState {
    /// How far every node has come.
    pub(crate) fn snapshot(&self) -> Vec<NodeSnapshot> {
        let progress = self.progress();
        let node = |(index, node): (NodeIndex, &PlanNode)| {
            let state = progress.machine.state(index);
            let now = || Some(progress.records.get(index.get())?.time(state == NodeState::Running));
            let time = progress.times.get(index.get()).copied().or_else(now);
            let time = time.filter(|time| time.attempts > 0);
            NodeSnapshot {
                id: node.node.id.to_string(),
                state,
                duration: time.map(|time| Duration::try_from_secs_f32(time.seconds).unwrap_or_default()),
                attempts: time.map_or(0, |time| time.attempts),
            }
        };
        self.workflow.plan().nodes().map(node).collect()
    }
}
