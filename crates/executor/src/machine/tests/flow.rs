//! Conditions, handled failures and quorums, one example each; `random` has all of them together.

use std::num::NonZeroU32;

use graphbit_core::{Graph, Join, JoinRule, Node, Plan, When};
use serde_json::{Value, json};

use super::super::{End, Machine, NodeState, Outcome, SavedMachine, Status, edges_taken};
use super::{node, started, states};
use NodeState::{Failed, NotTaken, Running, Skipped, Succeeded, Waiting};

/// A plan of joins whose ids are their numbers, with the rules of some.
fn plan(
    nodes: u32,
    edges: impl IntoIterator<Item = (u32, u32, When)>,
    rules: impl IntoIterator<Item = (u32, JoinRule)>,
) -> Plan {
    let mut rules: std::collections::HashMap<_, _> = rules.into_iter().collect();
    let mut graph = Graph::new("g");
    for number in 0..nodes {
        let rule = rules.remove(&number).unwrap_or_default();
        graph.add(Node::new("", Join::default().with_rule(rule)).with_id(number.to_string())).unwrap();
    }
    for (from, to, when) in edges {
        graph.connect_when(&from.to_string(), &to.to_string(), when).unwrap();
    }
    graph.compile().unwrap()
}

fn quorum(edges: u32) -> JoinRule {
    JoinRule::Quorum(NonZeroU32::new(edges).unwrap())
}

fn always(edges: impl IntoIterator<Item = (u32, u32)>) -> impl Iterator<Item = (u32, u32, When)> {
    edges.into_iter().map(|(from, to)| (from, to, When::Always))
}

fn succeed(machine: &mut Machine, plan: &Plan, number: u32, output: &Value) {
    let taken = edges_taken(plan, node(number), output);
    machine.settle(plan, node(number), Outcome::Succeeded, |place| taken.contains(place)).unwrap();
}

fn fail(machine: &mut Machine, plan: &Plan, number: u32) {
    machine.settle(plan, node(number), Outcome::Failed, |_| true).unwrap();
}

#[test]
fn what_is_not_taken_does_not_stop_what_follows_a_way_that_is() {
    // 0 ─1→ 1 → 3, 0 ─else→ 2 → 3, 2 → 4
    let edges = [(0, 1, When::equals(1)), (0, 2, When::Otherwise)];
    let plan = plan(5, edges.into_iter().chain(always([(1, 3), (2, 3), (2, 4)])), []);
    let mut machine = Machine::new(&plan, None);
    started(&mut machine);
    succeed(&mut machine, &plan, 0, &json!(1));
    assert_eq!(states(&machine, &plan), [Succeeded, NodeState::Ready, NotTaken, Waiting, NotTaken]);
    assert_eq!(started(&mut machine), [1]);
    succeed(&mut machine, &plan, 1, &json!(null));
    assert_eq!(started(&mut machine), [3]);
    succeed(&mut machine, &plan, 3, &json!(null));
    assert_eq!(machine.status(), Status::Finished(End::Succeeded));
    assert_eq!((machine.counts().not_taken, machine.counts().skipped), (2, 0));
}

#[test]
fn a_handled_failure_is_no_failure_of_the_run() {
    // 0 → 1 → 3, 0 ─failed→ 2 → 3
    let plan = plan(4, always([(0, 1), (1, 3), (2, 3)]).chain([(0, 2, When::Failed)]), []);
    let mut machine = Machine::new(&plan, None);
    started(&mut machine);
    fail(&mut machine, &plan, 0);
    assert_eq!(started(&mut machine), [2]);
    succeed(&mut machine, &plan, 2, &json!(null));
    assert_eq!(started(&mut machine), [3]);
    succeed(&mut machine, &plan, 3, &json!(null));
    assert_eq!(states(&machine, &plan), [Failed, NotTaken, Succeeded, Succeeded]);
    assert_eq!(machine.status(), Status::Finished(End::Succeeded));
}

#[test]
fn a_failure_that_is_passed_over_counts_as_a_way_not_taken() {
    let plan = plan(4, always([(0, 2), (1, 2), (0, 3)]), []);
    let mut machine = Machine::new(&plan, None);
    started(&mut machine);
    machine.settle(&plan, node(0), Outcome::Skipped, |_| true).unwrap();
    succeed(&mut machine, &plan, 1, &json!(null));
    assert_eq!(started(&mut machine), [2]);
    succeed(&mut machine, &plan, 2, &json!(null));
    assert_eq!(states(&machine, &plan), [NotTaken, Succeeded, Succeeded, NotTaken]);
    assert_eq!(machine.status(), Status::Finished(End::Succeeded));
}

#[test]
fn a_quorum_starts_its_join_once_and_late_edges_are_ignored() {
    let plan = plan(5, always([(0, 4), (1, 4), (2, 4), (3, 4)]), [(4, quorum(2))]);
    let mut machine = Machine::new(&plan, None);
    started(&mut machine);
    fail(&mut machine, &plan, 0);
    succeed(&mut machine, &plan, 1, &json!(null));
    assert_eq!(started(&mut machine), [0; 0]);
    succeed(&mut machine, &plan, 2, &json!(null));
    assert_eq!(started(&mut machine), [4]);
    succeed(&mut machine, &plan, 3, &json!(null));
    assert_eq!((started(&mut machine), machine.state(node(4))), (vec![], Running));
}

#[test]
fn a_quorum_that_cannot_be_reached_skips_its_join() {
    let plan = plan(4, always([(0, 3), (1, 3), (2, 3)]), [(3, quorum(3))]);
    let mut machine = Machine::new(&plan, None);
    started(&mut machine);
    succeed(&mut machine, &plan, 0, &json!(null));
    fail(&mut machine, &plan, 1);
    assert_eq!(machine.state(node(3)), Skipped, "two can become live at most");
}

#[test]
fn why_a_join_never_starts_does_not_depend_on_the_order() {
    // 0 takes no edge, 1 fails: whichever ends first, something was lost.
    let edges = [(0, 2, When::equals(1)), (1, 2, When::Always)];
    let plan = plan(3, edges, [(2, quorum(2))]);
    let mut machine = Machine::new(&plan, None);
    started(&mut machine);
    let mut other = machine.clone();
    succeed(&mut machine, &plan, 0, &json!(0));
    assert_eq!(machine.state(node(2)), Waiting, "the quorum is out of reach, but not yet why");
    fail(&mut machine, &plan, 1);
    fail(&mut other, &plan, 1);
    assert_eq!(other.state(node(2)), Skipped);
    succeed(&mut other, &plan, 0, &json!(0));
    assert_eq!(machine.save(), other.save());
}

#[test]
fn any_takes_the_first_live_edge() {
    let edges = [(0, 2, When::equals(1)), (1, 2, When::Always)];
    let plan = plan(3, edges, [(2, JoinRule::Any)]);
    let mut machine = Machine::new(&plan, None);
    started(&mut machine);
    succeed(&mut machine, &plan, 0, &json!(0));
    assert_eq!(started(&mut machine), [0; 0]);
    succeed(&mut machine, &plan, 1, &json!(0));
    assert_eq!(started(&mut machine), [2]);
}

#[test]
fn what_was_taken_and_how_far_a_quorum_is_are_saved() {
    // 0 ─1→ 2, 1 → 2; 0, 1 and 3 → 4, of which two are enough for all that 0 has to say.
    let edges = [(0, 2, When::equals(1)), (0, 4, When::equals(1))];
    let plan = plan(5, edges.into_iter().chain(always([(1, 2), (1, 4), (3, 4)])), [(4, quorum(2))]);
    let mut machine = Machine::new(&plan, None);
    started(&mut machine);
    succeed(&mut machine, &plan, 0, &json!(1));
    let saved = serde_json::to_value(machine.save()).unwrap();
    assert_eq!((&saved["states"], &saved["needs"]), (&json!("sRWRw"), &json!([[4, 1]])));

    let restore = |saved: Value| {
        let saved: SavedMachine = serde_json::from_value(saved).unwrap();
        Machine::restore(&plan, &saved)
    };
    let mut machine = restore(saved.clone()).unwrap();
    succeed(&mut machine, &plan, 3, &json!(null));
    assert_eq!(started(&mut machine), [4]);
    for (field, value) in [
        ("needs", json!([[4, 0]])), // it would be ready
        ("needs", json!([[4, 3]])), // more than it waits for
        ("needs", json!([[2, 1]])), // not a join with a quorum
        ("states", json!("nRWRw")), // nothing led to what has seen a live edge
        ("states", json!("sRkRw")), // skipped, and nothing was lost
        ("states", json!("sRnRw")), // not taken before all was decided
        ("states", json!("sRWRs")), // ran with a quorum that was out of reach
    ] {
        let mut saved = saved.clone();
        saved[field] = value.clone();
        let saved_is_refused = restore(saved).is_err();
        assert!(saved_is_refused, "{field} {value}");
    }
}
