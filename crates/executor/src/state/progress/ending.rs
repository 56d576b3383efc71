//! How nodes and the run end: what the readers of events are told, and the receipt.

use std::collections::VecDeque;
use std::sync::Arc;

use graphbit_core::{Error, NodeIndex, Plan};

use super::Progress;
use crate::event::RunEvent;
use crate::machine::NodeState;
use crate::result::{NodeStatus, Receipt};
use crate::state::RunState;

impl Progress {
    /// Tells the readers how a node ended, and which nodes will therefore never start.
    pub(super) fn tell(&mut self, run: &RunState, node: NodeIndex) {
        if !run.root.feed.has_readers() {
            return;
        }
        self.tell_end(run, node);
        let mut behind = vec![node];
        while let Some(node) = behind.pop() {
            for &next in run.workflow.plan().successors(node) {
                let state = self.machine.state(next);
                let Some(record) = self.records.get_mut(next.get()) else { continue };
                let passed = matches!(state, NodeState::Skipped | NodeState::NotTaken);
                if passed && record.started.is_none() && !std::mem::replace(&mut record.told, true) {
                    run.root.feed.send(|| RunEvent::NodeSkipped {
                        node: run.name_of(next).into(),
                        status: NodeStatus::of(state),
                    });
                    behind.push(next);
                }
            }
        }
    }

    fn tell_end(&mut self, run: &RunState, node: NodeIndex) {
        let status = NodeStatus::of(self.machine.state(node));
        let Some(record) = self.records.get_mut(node.get()) else { return };
        record.told = true;
        run.root.feed.send(|| RunEvent::NodeFinished {
            node: run.name_of(node).into(),
            status,
            output: record.output.clone(),
            error: record.error.as_ref().map(|error| run.told(node, error)),
            duration_ms: record.duration.as_secs_f64() * 1e3,
            attempts: record.attempts,
            usage: record.usage.as_deref().cloned().map(Arc::new),
            finish_reason: record.finish_reason,
            memory: record.memory,
        });
    }

    /// Gives up what runs, and tells the readers. What was closed before stays as it is.
    pub(in crate::state) fn close(&mut self, run: &RunState) {
        if !self.over {
            self.stop(run, false, None);
        }
        if !run.root.feed.has_readers() {
            return;
        }
        for node in (0..self.records.len() as u32).map(NodeIndex::new) {
            let record = self.records.get(node.get());
            let runs = record.is_some_and(|record| record.started.is_some() && !record.told);
            if runs && self.machine.state(node) == NodeState::Running {
                self.tell_end(run, node);
            }
        }
    }

    /// Nothing starts from now on; what runs is given up. Says what only this moment knows.
    pub(in crate::state) fn stop(
        &mut self,
        run: &RunState,
        cancelled: bool,
        failure: Option<Error>,
    ) -> Stopped {
        for ((index, _), record) in run.workflow.plan().nodes().zip(&mut self.records) {
            if matches!(self.machine.state(index), NodeState::Running) {
                record.duration = record.started.map(|at| at.elapsed()).unwrap_or_default();
            }
        }
        self.over = true;
        self.machine.cancel();
        self.tasks = Vec::new();
        self.calls = VecDeque::new();
        if self.failure.is_none() {
            self.failure = failure;
        }
        Stopped { cancelled, still_running: run.root.still_running(), tokens: run.root.spent_tokens() }
    }

    /// What had become of each node when the run was stopped. Nobody may ask, so it is made for those who do.
    pub(in crate::state) fn receipt(&self, plan: &Plan, stopped: &Stopped) -> Receipt {
        let [input_tokens, output_tokens] = stopped.tokens;
        let mut receipt = Receipt {
            cancelled: stopped.cancelled,
            still_running: stopped.still_running.clone(),
            input_tokens,
            output_tokens,
            ..Receipt::default()
        };
        for (index, node) in plan.nodes() {
            let (state, time) = self.stand(index);
            let list = match state {
                NodeState::Succeeded | NodeState::Failed => &mut receipt.finished,
                NodeState::NotTaken if time.is_some() => &mut receipt.finished,
                NodeState::Running | NodeState::Cancelled if time.is_some() => &mut receipt.dropped,
                _ => &mut receipt.never_started,
            };
            list.push(node.node.id.to_string());
        }
        receipt
    }
}

/// What is known of a run's end at that moment only.
pub(crate) struct Stopped {
    pub(in crate::state) cancelled: bool,
    /// Nodes whose functions have promised an outcome and not given it.
    still_running: Vec<String>,
    /// Read and written so far.
    tokens: [u64; 2],
}
