//! One run of a sketch, with dice for everything that the sketch leaves open.

use graphbit_core::{NodeIndex, Plan};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;

use super::super::super::{Machine, NodeState, SavedMachine, Status, edges_taken_by};
use super::super::limit;
use super::model::{Sketch, sketches};

#[derive(Clone, Debug)]
pub(super) struct Play {
    pub(super) sketch: Sketch,
    /// At each step, whether to start nodes (one, or all) or to settle one, and which.
    pub(super) steps: Vec<(u8, Index)>,
    pub(super) parallel: usize,
    pub(super) cancel_at: Option<usize>,
    /// Save and restore before each step whose number is a multiple of this.
    pub(super) restore_every: usize,
}

pub(super) fn plays(cancelled: bool) -> impl Strategy<Value = Play> {
    let cancel_at = if cancelled { (0..40_usize).prop_map(Some).boxed() } else { Just(None).boxed() };
    let steps = prop::collection::vec((0_u8..4, any::<Index>()), 1..60);
    (sketches(), steps, 0_usize..6, cancel_at, 1_usize..8).prop_map(
        |(sketch, steps, parallel, cancel_at, restore_every)| Play {
            sketch,
            steps,
            parallel,
            cancel_at,
            restore_every,
        },
    )
}

/// Plays a run to its end, checking at every step what must always hold. Returns the machine and what was started.
pub(super) fn play(play: &Play, plan: &Plan) -> (Machine, Vec<NodeIndex>) {
    let parallel = limit(play.parallel);
    let mut machine = Machine::new(plan, parallel);
    let mut running: Vec<NodeIndex> = Vec::new();
    let mut started: Vec<NodeIndex> = Vec::new();
    let mut steps = play.steps.iter().cycle();
    let mut step = 0;
    while !matches!(machine.status(), Status::Finished(_)) {
        assert!(step < 10_000, "the run does not end");
        if play.cancel_at == Some(step) {
            machine.cancel();
        }
        if step % play.restore_every == 0 {
            machine = restored(&machine, plan);
        }
        step += 1;
        let &(what, which) = steps.next().unwrap();
        let mut new = Vec::new();
        match what {
            0 => machine.next(&mut new),
            1 => new.extend(machine.next_where(|_| true)),
            2 => new.extend(machine.next_where(|node| node.get() % 2 == which.index(2))),
            _ => {}
        }
        for &node in &new {
            let state = |before| machine.state(NodeIndex::new(before as u32));
            assert_eq!(play.sketch.may_run(node.get(), state), Ok(true), "{node:?} started early");
            assert!(play.cancel_at.is_none_or(|at| step <= at), "{node:?} started after the cancellation");
        }
        running.extend(&new);
        started.extend(new);
        assert!(parallel.is_none_or(|limit| running.len() <= limit.get()), "too many run");
        if what == 3 && !running.is_empty() {
            let node = running.swap_remove(which.index(running.len()));
            settle(&mut machine, plan, &play.sketch, node);
        }
        check_counts(&machine, plan, &running);
        if step % 64 == 0 {
            // Whatever the dice say, things move on now and then.
            let before = running.len();
            machine.next(&mut running);
            started.extend(&running[before..]);
            if let Some(node) = running.pop() {
                settle(&mut machine, plan, &play.sketch, node);
            }
        }
    }
    assert!(running.is_empty());
    (machine, started)
}

fn settle(machine: &mut Machine, plan: &Plan, sketch: &Sketch, node: NodeIndex) {
    let says = |place: usize| sketch.says(node.get(), plan.successors(node)[place].get());
    let taken = edges_taken_by(plan, node, &Value::from(sketch.outputs[node.get()]), says);
    machine.settle(plan, node, sketch.outcomes[node.get()], |place| taken.contains(place)).unwrap();
}

fn restored(machine: &Machine, plan: &Plan) -> Machine {
    let json = serde_json::to_string(&machine.save()).unwrap();
    let saved: SavedMachine = serde_json::from_str(&json).unwrap();
    let restored = Machine::restore(plan, &saved).unwrap();
    assert_eq!(restored.save(), machine.save());
    assert_eq!(restored.counts(), machine.counts());
    assert_eq!(restored.status(), machine.status());
    restored
}

fn check_counts(machine: &Machine, plan: &Plan, running: &[NodeIndex]) {
    let counts = machine.counts();
    let of = |state| plan.nodes().filter(|(node, _)| machine.state(*node) == state).count() as u32;
    assert_eq!(counts.waiting, of(NodeState::Waiting));
    assert_eq!(counts.ready, of(NodeState::Ready));
    assert_eq!(counts.running, running.len() as u32);
    assert_eq!(counts.running, of(NodeState::Running));
    assert_eq!(counts.succeeded, of(NodeState::Succeeded));
    assert_eq!(counts.failed, of(NodeState::Failed));
    assert_eq!(counts.skipped, of(NodeState::Skipped));
    assert_eq!(counts.not_taken, of(NodeState::NotTaken));
    assert_eq!(counts.cancelled, of(NodeState::Cancelled));
}

pub(super) fn finals(machine: &Machine, plan: &Plan) -> Vec<NodeState> {
    plan.nodes().map(|(node, _)| machine.state(node)).collect()
}
