//! A machine at rest: one letter for each node and the order of the queue. Everything else follows from the plan, so a
//! machine comes back only together with the plan it belongs to.

use std::num::NonZeroUsize;

use graphbit_core::{Error, NodeIndex, Plan, Result};
use serde::{Deserialize, Serialize};

use super::slot::Slot;
use super::{Machine, NodeState, Packed};

/// What [`Machine::save`] gives and [`Machine::restore`] takes. Its form is for storage, not for reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SavedMachine {
    /// The plan's fingerprint in hexadecimal: JavaScript would round the number.
    plan: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parallel: Option<NonZeroUsize>,
    cancelled: bool,
    /// One letter for each node.
    states: String,
    /// The ready nodes from the oldest to the newest.
    ready: Vec<NodeIndex>,
}

impl Machine {
    /// The state to be stored.
    pub fn save(&self) -> SavedMachine {
        SavedMachine {
            plan: hexadecimal(self.plan),
            parallel: if self.parallel == u32::MAX {
                None
            } else {
                NonZeroUsize::new(self.parallel as usize)
            },
            cancelled: self.cancelled,
            states: self.nodes.iter().map(|packed| letter(packed.slot().state())).collect(),
            ready: self.queued().collect(),
        }
    }

    /// The machine that was saved. Nodes that were [`running`](Machine::running) still count as such: starting them
    /// again is for the driver.
    ///
    /// # Errors
    /// `INVALID_INPUT` where the state belongs to another graph, or is one that no run of this graph comes to.
    pub fn restore(plan: &Plan, saved: &SavedMachine) -> Result<Self> {
        if saved.plan != hexadecimal(plan.fingerprint()) || saved.states.len() != plan.len() {
            return Err(Error::invalid_input(
                "the saved run belongs to another graph; resume it with the graph it was started with, or start anew",
            ));
        }
        let states: Vec<NodeState> =
            saved.states.chars().map(state).collect::<Option<_>>().ok_or_else(damaged)?;
        let mut machine = Self::new(plan, saved.parallel);
        machine.cancelled = saved.cancelled;
        machine.place(plan, &states)?;
        for &node in &saved.ready {
            if states.get(node.get()) != Some(&NodeState::Ready) || machine.state(node) != NodeState::Waiting
            {
                return Err(damaged());
            }
            machine.enqueue(node);
        }
        let ready = states.iter().filter(|&&state| state == NodeState::Ready).count();
        if saved.ready.len() != ready || machine.counts.running > machine.parallel {
            return Err(damaged());
        }
        Ok(machine)
    }

    /// Puts every node where it stood, with an empty queue: a ready node waits for nothing until it is queued.
    fn place(&mut self, plan: &Plan, states: &[NodeState]) -> Result<()> {
        (self.oldest, self.newest) = (super::Link::NONE, super::Link::NONE);
        self.counts = super::Counts::default();
        let mut placed = Vec::with_capacity(states.len());
        for ((node, _), &state) in plan.nodes().zip(states) {
            let before = plan.predecessors(node).iter().filter_map(|node| states.get(node.get()).copied());
            let left = before.clone().filter(|&state| state != NodeState::Succeeded).count();
            let lost = before.clone().any(|state| state.is_final() && state != NodeState::Succeeded);
            let possible = match state {
                NodeState::Waiting => left > 0 && !lost && !self.cancelled,
                NodeState::Ready => left == 0 && !self.cancelled,
                NodeState::Running | NodeState::Succeeded | NodeState::Failed => left == 0,
                NodeState::Skipped => lost,
                NodeState::Cancelled => left == 0 || self.cancelled,
            };
            if !possible {
                return Err(damaged());
            }
            let slot = match state {
                NodeState::Waiting | NodeState::Ready => Slot::Waiting(left as u32),
                NodeState::Running => Slot::Running,
                NodeState::Succeeded => Slot::Succeeded,
                NodeState::Failed => Slot::Failed,
                NodeState::Skipped => Slot::Skipped,
                NodeState::Cancelled => Slot::Cancelled,
            };
            *self.counts.of_mut(slot.state()) += 1;
            placed.push(Packed::from(slot));
        }
        self.nodes = placed.into();
        Ok(())
    }
}

fn damaged() -> Error {
    Error::invalid_input("the saved run is damaged: no run comes to this state; start anew")
}

fn hexadecimal(fingerprint: u64) -> String {
    format!("{fingerprint:016x}")
}

fn letter(state: NodeState) -> char {
    match state {
        NodeState::Waiting => 'w',
        NodeState::Ready => 'r',
        NodeState::Running => 'R',
        NodeState::Succeeded => 's',
        NodeState::Failed => 'f',
        NodeState::Skipped => 'k',
        NodeState::Cancelled => 'c',
    }
}

fn state(letter: char) -> Option<NodeState> {
    Some(match letter {
        'w' => NodeState::Waiting,
        'r' => NodeState::Ready,
        'R' => NodeState::Running,
        's' => NodeState::Succeeded,
        'f' => NodeState::Failed,
        'k' => NodeState::Skipped,
        'c' => NodeState::Cancelled,
        _ => return None,
    })
}
