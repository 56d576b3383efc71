//! Random graphs with conditions and joins of every rule, random outcomes, interleavings, limits and cancellations.

mod model;
mod play;

use std::collections::BTreeSet;

use graphbit_core::NodeIndex;
use proptest::prelude::*;

use super::super::{End, NodeState, Outcome, Status};
use model::Sketch;
use play::{Play, finals, play, plays};

fn assert_each_once(started: &[NodeIndex], finals: &[NodeState]) {
    let once: BTreeSet<_> = started.iter().collect();
    assert_eq!(once.len(), started.len(), "a node ran twice");
    for (number, state) in finals.iter().enumerate() {
        assert!(state.is_final(), "node {number} is lost");
        let ran = once.contains(&NodeIndex::new(number as u32));
        match state {
            NodeState::Succeeded | NodeState::Failed => assert!(ran),
            NodeState::Skipped => assert!(!ran),
            _ => {}
        }
    }
}

fn expected_end(sketch: &Sketch, states: &[NodeState]) -> End {
    let unhandled = |node: usize| states[node] == NodeState::Failed && !sketch.handles_failure(node);
    match () {
        () if (0..states.len()).any(unhandled) => End::Failed,
        () if states.contains(&NodeState::Cancelled) => End::Cancelled,
        () => End::Succeeded,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn every_interleaving_ends_in_the_states_of_the_model(one in plays(false), other in plays(false)) {
        let plan = one.sketch.plan();
        let (machine, started) = play(&one, &plan);
        let states = finals(&machine, &plan);
        assert_each_once(&started, &states);
        prop_assert_eq!(&states, &one.sketch.finals());
        prop_assert_eq!(machine.status(), Status::Finished(expected_end(&one.sketch, &states)));

        // The same graph and outcomes with the dice and the limit of another play.
        let again = Play { sketch: one.sketch, ..other };
        let (machine, started) = play(&again, &plan);
        assert_each_once(&started, &finals(&machine, &plan));
        prop_assert_eq!(finals(&machine, &plan), states);
    }

    #[test]
    fn a_cancelled_run_ends_too_and_loses_nothing(one in plays(true)) {
        let plan = one.sketch.plan();
        let (machine, started) = play(&one, &plan);
        let states = finals(&machine, &plan);
        assert_each_once(&started, &states);
        for (state, calm) in states.iter().zip(one.sketch.finals()) {
            prop_assert!(*state == calm || *state == NodeState::Cancelled, "{:?} for {:?}", state, calm);
        }
    }

    #[test]
    fn the_same_calls_give_the_same_answers(one in plays(true)) {
        let plan = one.sketch.plan();
        let calm = Play { restore_every: usize::MAX, ..one.clone() };
        let (machine, started) = play(&one, &plan);
        let (again, started_again) = play(&calm, &plan);
        prop_assert_eq!(started, started_again);
        prop_assert_eq!(machine.save(), again.save());
    }

    #[test]
    fn without_conditions_and_quorums_only_failures_stop_anything(mut one in plays(false)) {
        for edge in &mut one.sketch.edges {
            edge.when = graphbit_core::When::Always;
        }
        one.sketch.rules.fill(graphbit_core::JoinRule::All);
        for outcome in &mut one.sketch.outcomes {
            *outcome = if *outcome == Outcome::Skipped { Outcome::Succeeded } else { *outcome };
        }
        let plan = one.sketch.plan();
        let states = finals(&play(&one, &plan).0, &plan);
        prop_assert!(!states.contains(&NodeState::NotTaken));
    }
}
