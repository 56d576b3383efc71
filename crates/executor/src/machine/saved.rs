//! A machine at rest: one letter for each node, the order of the queue, and how far quorums are. Everything else follows
//! from the plan, so a machine comes back only together with the plan it belongs to.

mod census;

use std::num::NonZeroUsize;

use census::Census;
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
    /// The waiting joins with a quorum above one, and how many live edges they still need.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    needs: Vec<(NodeIndex, u32)>,
}

impl Machine {
    /// The state to be stored.
    pub fn save(&self) -> SavedMachine {
        let waits = |node: &NodeIndex| self.state(*node) == NodeState::Waiting;
        SavedMachine {
            plan: hexadecimal(self.plan),
            parallel: if self.parallel == u32::MAX {
                None
            } else {
                NonZeroUsize::new(self.parallel as usize)
            },
            cancelled: self.cancelled,
            states: self.nodes.iter().map(|packed| letter(packed.slot())).collect(),
            ready: self.queued().collect(),
            needs: (self.needs.iter().flat_map(|needs| needs.as_slice()))
                .filter(|(node, _)| waits(node))
                .copied()
                .collect(),
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
        let states: Vec<(NodeState, bool)> =
            saved.states.chars().map(state).collect::<Option<_>>().ok_or_else(damaged)?;
        let mut machine = Self::new(plan, saved.parallel);
        machine.cancelled = saved.cancelled;
        for &(node, need) in &saved.needs {
            match machine.need_mut(node) {
                Some(most) if (1..=*most).contains(&need) => *most = need,
                _ => return Err(damaged()),
            }
        }
        machine.place(plan, &states)?;
        for &node in &saved.ready {
            if states.get(node.get()) != Some(&(NodeState::Ready, false))
                || machine.state(node) != NodeState::Waiting
            {
                return Err(damaged());
            }
            machine.enqueue(node);
        }
        let ready = states.iter().filter(|(state, _)| *state == NodeState::Ready).count();
        if saved.ready.len() != ready || machine.counts.running > machine.parallel {
            return Err(damaged());
        }
        Ok(machine)
    }

    /// Puts every node where it stood, with an empty queue: a ready node waits for nothing until it is queued.
    fn place(&mut self, plan: &Plan, states: &[(NodeState, bool)]) -> Result<()> {
        (self.oldest, self.newest) = (super::Link::NONE, super::Link::NONE);
        self.counts = super::Counts::default();
        let handled: Vec<bool> = (plan.nodes().zip(states))
            .map(|((node, _), (state, _))| *state == NodeState::Failed && plan.handles_failure(node))
            .collect();
        let mut placed = Vec::with_capacity(states.len());
        let census = Census::of(plan, states, &handled);
        for (((node, _), &(state, seen)), census) in plan.nodes().zip(states).zip(census) {
            let need = self.need_mut(node).copied();
            if !census.allows(state, seen, need, self.cancelled) {
                return Err(damaged());
            }
            let slot = match state {
                NodeState::Waiting => Slot::Waiting { left: census.left, seen: census.remembers(seen) },
                NodeState::Ready => Slot::Waiting { left: 0, seen: true },
                NodeState::Running => Slot::Running,
                NodeState::Succeeded => Slot::Succeeded,
                NodeState::Failed => Slot::Failed,
                NodeState::Skipped => Slot::Skipped,
                NodeState::NotTaken => Slot::NotTaken,
                NodeState::Cancelled => Slot::Cancelled,
            };
            self.failed |= state == NodeState::Failed && handled.get(node.get()) == Some(&false);
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

fn letter(slot: Slot) -> char {
    match slot {
        Slot::Waiting { seen: false, .. } => 'w',
        Slot::Waiting { seen: true, .. } => 'W',
        Slot::Ready(_) => 'r',
        Slot::Running => 'R',
        Slot::Succeeded => 's',
        Slot::Failed => 'f',
        Slot::Skipped => 'k',
        Slot::NotTaken => 'n',
        Slot::Cancelled => 'c',
    }
}

/// The state, and for a waiting node what it has seen.
fn state(letter: char) -> Option<(NodeState, bool)> {
    Some(match letter {
        'w' => (NodeState::Waiting, false),
        'W' => (NodeState::Waiting, true),
        'r' => (NodeState::Ready, false),
        'R' => (NodeState::Running, false),
        's' => (NodeState::Succeeded, false),
        'f' => (NodeState::Failed, false),
        'k' => (NodeState::Skipped, false),
        'n' => (NodeState::NotTaken, false),
        'c' => (NodeState::Cancelled, false),
        _ => return None,
    })
}
