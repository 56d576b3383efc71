//! Saving, restoring, and what is refused.

use graphbit_core::ErrorCode;
use serde_json::{Value, json};

use super::super::{Machine, NodeState, Outcome, SavedMachine};
use super::{node, plan, started};

fn half_way() -> (graphbit_core::Plan, Value) {
    let plan = plan(6, [(0, 2), (0, 3), (1, 4), (4, 5)]);
    let mut machine = Machine::new(&plan, super::limit(3));
    started(&mut machine);
    machine.settle(&plan, node(0), Outcome::Succeeded, |_| true).unwrap();
    assert_eq!(machine.next_where(|wanted| wanted == node(3)), Some(node(3)));
    let saved = serde_json::to_value(machine.save()).unwrap();
    (plan, saved)
}

#[test]
fn the_form_is_one_letter_a_node() {
    let (plan, saved) = half_way();
    let fingerprint = format!("{:016x}", plan.fingerprint());
    assert_eq!(
        saved,
        json!({ "plan": fingerprint, "parallel": 3, "cancelled": false, "states": "sRrRww", "ready": [2] })
    );
}

#[test]
fn a_restored_machine_goes_on_and_knows_what_ran() {
    let (plan, saved) = half_way();
    let saved: SavedMachine = serde_json::from_value(saved).unwrap();
    let mut machine = Machine::restore(&plan, &saved).unwrap();
    assert_eq!(machine.running().collect::<Vec<_>>(), [node(1), node(3)]);
    assert_eq!(started(&mut machine), [2]);
    assert_eq!(machine.counts().running, 3);
    machine.settle(&plan, node(1), Outcome::Failed, |_| true).unwrap();
    assert_eq!(machine.state(node(5)), NodeState::Skipped);
}

#[test]
fn another_graph_is_refused() {
    let (_, saved) = half_way();
    let saved: SavedMachine = serde_json::from_value(saved).unwrap();
    let error = Machine::restore(&plan(6, []), &saved).unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidInput);
    assert!(error.message().contains("another graph"), "{error}");
}

#[test]
fn states_that_no_run_comes_to_are_refused() {
    let (plan, saved) = half_way();
    for (field, value) in [
        ("states", json!("sRrRwx")), // no such letter
        ("states", json!("sRrRw")),  // a node is missing
        ("states", json!("wRrRww")), // a root that waits
        ("states", json!("RRrRww")), // ready before its predecessor succeeded
        ("states", json!("sRrRws")), // succeeded behind one that waits
        ("states", json!("sRrRkw")), // skipped without a reason
        ("states", json!("sfrRww")), // waits behind a failure
        ("states", json!("srrRww")), // ready, but not queued
        ("states", json!("ssRRRw")), // queued, but running
        ("cancelled", json!(true)),  // cancelled, but something may start
        ("parallel", json!(1)),      // more run than may
        ("ready", json!([])),
        ("ready", json!([2, 2])),
        ("ready", json!([77])),
    ] {
        let mut saved = saved.clone();
        saved[field] = value.clone();
        let saved: SavedMachine = serde_json::from_value(saved).unwrap();
        let error = Machine::restore(&plan, &saved).expect_err(&format!("{field} {value}"));
        assert_eq!(error.code(), ErrorCode::InvalidInput);
    }
}
