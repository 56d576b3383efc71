//! Random graphs, outcomes, interleavings, limits and cancellations.

use graphbit_core::{NodeIndex, Plan};
use proptest::prelude::*;
use proptest::sample::Index;

use super::super::{End, Machine, NodeState, Outcome, SavedMachine, Status};
use super::{limit, plan};

/// A run to be played, with everything that chance decides.
#[derive(Clone, Debug)]
struct Play {
    nodes: u32,
    edges: Vec<(u32, u32)>,
    outcomes: Vec<Outcome>,
    /// At each step, whether to start nodes (one, or all) or to settle one, and which.
    steps: Vec<(u8, Index)>,
    parallel: usize,
    cancel_at: Option<usize>,
    /// Save and restore before each step whose number is a multiple of this.
    restore_every: usize,
}

fn plays(cancelled: bool) -> impl Strategy<Value = Play> {
    (0_u32..24).prop_flat_map(move |nodes| {
        let count = nodes as usize;
        let outcome = prop_oneof![
            8 => Just(Outcome::Succeeded),
            1 => Just(Outcome::Failed),
            1 => Just(Outcome::Cancelled),
        ];
        // Edges go from an earlier to a later node of a shuffled order, so that indices are in no order themselves.
        let order = Just((0..nodes).collect::<Vec<_>>()).prop_shuffle();
        let pairs = prop::collection::vec((any::<Index>(), any::<Index>()), 0..=2 * count);
        let edges = (order, pairs).prop_map(move |(order, pairs)| {
            let ends = |(a, b): (Index, Index)| (a.index(count.max(1)), b.index(count.max(1)));
            let sorted = |(a, b): (usize, usize)| (a.min(b), a.max(b));
            let pairs = pairs.into_iter().map(ends).map(sorted).filter(|(a, b)| a != b);
            pairs.map(|(a, b)| (order[a], order[b])).collect::<Vec<_>>()
        });
        let cancel_at = if cancelled { (0..40_usize).prop_map(Some).boxed() } else { Just(None).boxed() };
        (
            edges,
            prop::collection::vec(outcome, count),
            prop::collection::vec((0_u8..4, any::<Index>()), 1..60),
            0_usize..6,
            cancel_at,
            1_usize..8,
        )
            .prop_map(move |(edges, outcomes, steps, parallel, cancel_at, restore_every)| Play {
                nodes,
                edges,
                outcomes,
                steps,
                parallel,
                cancel_at,
                restore_every,
            })
    })
}

/// Plays a run to its end, checking at every step what must always hold. Returns the machine and what was started.
fn play(play: &Play, plan: &Plan) -> (Machine, Vec<NodeIndex>) {
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
            let done = |before: &NodeIndex| machine.state(*before) == NodeState::Succeeded;
            assert!(plan.predecessors(node).iter().all(done), "{node:?} started early");
            assert!(play.cancel_at.is_none_or(|at| step <= at), "{node:?} started after the cancellation");
        }
        running.extend(&new);
        started.extend(new);
        assert!(parallel.is_none_or(|limit| running.len() <= limit.get()), "too many run");
        if what == 3 && !running.is_empty() {
            let node = running.swap_remove(which.index(running.len()));
            machine.settle(plan, node, play.outcomes[node.get()]).unwrap();
        }
        check_counts(&machine, plan, &running);
        if step % 64 == 0 {
            // Whatever the dice say, things move on now and then.
            let before = running.len();
            machine.next(&mut running);
            started.extend(&running[before..]);
            if let Some(node) = running.pop() {
                machine.settle(plan, node, play.outcomes[node.get()]).unwrap();
            }
        }
    }
    assert!(running.is_empty());
    (machine, started)
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
    assert_eq!(counts.cancelled, of(NodeState::Cancelled));
}

fn finals(machine: &Machine, plan: &Plan) -> Vec<NodeState> {
    plan.nodes().map(|(node, _)| machine.state(node)).collect()
}

/// What the states must be, from the plan and the outcomes alone.
fn expected(play: &Play, plan: &Plan) -> Vec<NodeState> {
    fn of(node: NodeIndex, play: &Play, plan: &Plan, known: &mut Vec<Option<NodeState>>) -> NodeState {
        if let Some(state) = known[node.get()] {
            return state;
        }
        let before = plan.predecessors(node).iter();
        let succeeded: Vec<bool> =
            before.map(|&before| of(before, play, plan, known) == NodeState::Succeeded).collect();
        let state = match play.outcomes[node.get()] {
            _ if succeeded.contains(&false) => NodeState::Skipped,
            Outcome::Succeeded => NodeState::Succeeded,
            Outcome::Failed => NodeState::Failed,
            Outcome::Cancelled => NodeState::Cancelled,
        };
        known[node.get()] = Some(state);
        state
    }
    let mut known = vec![None; plan.len()];
    plan.nodes().map(|(node, _)| of(node, play, plan, &mut known)).collect()
}

fn assert_each_once(started: &[NodeIndex], finals: &[NodeState]) {
    let mut sorted = started.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(sorted.len(), started.len(), "a node ran twice");
    for (number, state) in finals.iter().enumerate() {
        assert!(state.is_final(), "node {number} is lost");
        let ran = started.contains(&NodeIndex::new(number as u32));
        match state {
            NodeState::Succeeded | NodeState::Failed => assert!(ran),
            NodeState::Skipped => assert!(!ran),
            _ => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn every_interleaving_ends_in_the_same_states(one in plays(false), other in plays(false)) {
        let plan = plan(one.nodes, one.edges.iter().copied());
        let (machine, started) = play(&one, &plan);
        let states = finals(&machine, &plan);
        assert_each_once(&started, &states);
        prop_assert_eq!(&states, &expected(&one, &plan));
        let end = match () {
            () if states.contains(&NodeState::Failed) => End::Failed,
            () if states.contains(&NodeState::Cancelled) => End::Cancelled,
            () => End::Succeeded,
        };
        prop_assert_eq!(machine.status(), Status::Finished(end));

        // The same graph and outcomes with the dice and the limit of another play.
        let again = Play { nodes: one.nodes, edges: one.edges.clone(), outcomes: one.outcomes, ..other };
        let (machine, started) = play(&again, &plan);
        assert_each_once(&started, &finals(&machine, &plan));
        prop_assert_eq!(finals(&machine, &plan), states);
    }

    #[test]
    fn a_cancelled_run_ends_too_and_loses_nothing(one in plays(true)) {
        let plan = plan(one.nodes, one.edges.iter().copied());
        let (machine, started) = play(&one, &plan);
        let states = finals(&machine, &plan);
        assert_each_once(&started, &states);
        let calm = expected(&one, &plan);
        for (state, calm) in states.iter().zip(calm) {
            prop_assert!(*state == calm || *state == NodeState::Cancelled, "{:?} for {:?}", state, calm);
        }
    }

    #[test]
    fn the_same_calls_give_the_same_answers(one in plays(true)) {
        let plan = plan(one.nodes, one.edges.iter().copied());
        let calm = Play { restore_every: usize::MAX, ..one.clone() };
        let (machine, started) = play(&one, &plan);
        let (again, started_again) = play(&calm, &plan);
        prop_assert_eq!(started, started_again);
        prop_assert_eq!(machine.save(), again.save());
    }
}
