mod flow;
mod random;
mod saved;
mod size;

use std::num::NonZeroUsize;

use graphbit_core::{ErrorCode, Graph, Node, NodeIndex, Plan};

use super::{End, Machine, NodeState, Outcome, Status};

/// A plan of joins whose ids are their numbers.
pub(super) fn plan(nodes: u32, edges: impl IntoIterator<Item = (u32, u32)>) -> Plan {
    let mut graph = Graph::new("g");
    for number in 0..nodes {
        graph.add(Node::join("").with_id(number.to_string())).unwrap();
    }
    for (from, to) in edges {
        graph.connect(&from.to_string(), &to.to_string()).unwrap();
    }
    graph.compile().unwrap()
}

pub(super) fn limit(parallel: usize) -> Option<NonZeroUsize> {
    NonZeroUsize::new(parallel)
}

fn node(number: u32) -> NodeIndex {
    NodeIndex::new(number)
}

fn started(machine: &mut Machine) -> Vec<u32> {
    let mut ready = Vec::new();
    machine.next(&mut ready);
    ready.into_iter().map(NodeIndex::as_u32).collect()
}

fn states(machine: &Machine, plan: &Plan) -> Vec<NodeState> {
    plan.nodes().map(|(node, _)| machine.state(node)).collect()
}

#[test]
fn a_join_waits_for_all_its_predecessors() {
    let plan = plan(4, [(0, 1), (0, 2), (1, 3), (2, 3)]);
    let mut machine = Machine::new(&plan, None);
    assert_eq!(machine.status(), Status::Running { ready: 1, running: 0 });
    assert_eq!(started(&mut machine), [0]);
    assert_eq!(started(&mut machine), [0; 0]);
    machine.settle(&plan, node(0), Outcome::Succeeded, |_| true).unwrap();
    assert_eq!(started(&mut machine), [1, 2]);
    machine.settle(&plan, node(2), Outcome::Succeeded, |_| true).unwrap();
    assert_eq!(started(&mut machine), [0; 0]);
    machine.settle(&plan, node(1), Outcome::Succeeded, |_| true).unwrap();
    assert_eq!(started(&mut machine), [3]);
    assert_eq!(machine.status(), Status::Running { ready: 0, running: 1 });
    machine.settle(&plan, node(3), Outcome::Succeeded, |_| true).unwrap();
    assert_eq!(machine.status(), Status::Finished(End::Succeeded));
}

#[test]
fn a_failure_skips_what_depends_on_it_and_nothing_else() {
    // 0 → 1 → 2 → 4, 3 → 4, 3 → 5
    let plan = plan(6, [(0, 1), (1, 2), (2, 4), (3, 4), (3, 5)]);
    let mut machine = Machine::new(&plan, None);
    assert_eq!(started(&mut machine), [0, 3]);
    machine.settle(&plan, node(0), Outcome::Failed, |_| true).unwrap();
    machine.settle(&plan, node(3), Outcome::Succeeded, |_| true).unwrap();
    assert_eq!(started(&mut machine), [5]);
    machine.settle(&plan, node(5), Outcome::Succeeded, |_| true).unwrap();
    use NodeState::{Failed, Skipped, Succeeded};
    assert_eq!(states(&machine, &plan), [Failed, Skipped, Skipped, Succeeded, Skipped, Succeeded]);
    assert_eq!(machine.status(), Status::Finished(End::Failed));
}

#[test]
fn a_node_that_is_cancelled_by_itself_skips_too_and_names_the_end() {
    let plan = plan(2, [(0, 1)]);
    let mut machine = Machine::new(&plan, None);
    started(&mut machine);
    machine.settle(&plan, node(0), Outcome::Cancelled, |_| true).unwrap();
    assert_eq!(states(&machine, &plan), [NodeState::Cancelled, NodeState::Skipped]);
    assert_eq!(machine.status(), Status::Finished(End::Cancelled));
}

#[test]
fn the_limit_holds_and_the_queue_is_fair() {
    let plan = plan(5, []);
    let mut machine = Machine::new(&plan, limit(2));
    assert_eq!(started(&mut machine), [0, 1]);
    assert!(!machine.has_ready());
    assert_eq!(machine.next_where(|_| true), None);
    machine.settle(&plan, node(1), Outcome::Succeeded, |_| true).unwrap();
    assert!(machine.has_ready());
    assert_eq!(started(&mut machine), [2]);
    machine.settle(&plan, node(0), Outcome::Failed, |_| true).unwrap();
    machine.settle(&plan, node(2), Outcome::Succeeded, |_| true).unwrap();
    assert_eq!(started(&mut machine), [3, 4]);
}

#[test]
fn a_visit_takes_only_what_it_wants_and_leaves_the_order_of_the_rest() {
    let plan = plan(6, []);
    let mut machine = Machine::new(&plan, None);
    let odd = |node: NodeIndex| node.as_u32() % 2 == 1;
    assert_eq!(machine.next_where(odd), Some(node(1)));
    assert_eq!(machine.next_where(|node| node.as_u32() == 5), Some(node(5)));
    assert_eq!(machine.next_where(odd), Some(node(3)));
    assert_eq!(machine.next_where(odd), None);
    assert_eq!(started(&mut machine), [0, 2, 4]);
    assert_eq!(machine.next_where(|_| true), None);
}

#[test]
fn what_becomes_ready_after_the_newest_was_taken_from_the_middle_is_not_lost() {
    let plan = plan(4, [(2, 3)]);
    let mut machine = Machine::new(&plan, None);
    assert_eq!(machine.next_where(|wanted| wanted == node(2)), Some(node(2)));
    machine.settle(&plan, node(2), Outcome::Succeeded, |_| true).unwrap();
    assert_eq!(started(&mut machine), [0, 1, 3]);
}

#[test]
fn cancelling_starts_nothing_more_and_lets_running_nodes_settle() {
    let plan = plan(4, [(0, 2), (1, 3)]);
    let mut machine = Machine::new(&plan, limit(1));
    assert_eq!(started(&mut machine), [0]);
    machine.cancel();
    machine.cancel();
    assert_eq!(machine.status(), Status::Running { ready: 0, running: 1 });
    assert_eq!(started(&mut machine), [0; 0]);
    machine.settle(&plan, node(0), Outcome::Succeeded, |_| true).unwrap();
    use NodeState::{Cancelled, Succeeded};
    assert_eq!(states(&machine, &plan), [Succeeded, Cancelled, Cancelled, Cancelled]);
    assert_eq!(machine.status(), Status::Finished(End::Cancelled));
}

#[test]
fn cancelling_a_finished_run_changes_nothing() {
    let plan = plan(1, []);
    let mut machine = Machine::new(&plan, None);
    started(&mut machine);
    machine.settle(&plan, node(0), Outcome::Succeeded, |_| true).unwrap();
    machine.cancel();
    assert_eq!(machine.status(), Status::Finished(End::Succeeded));
}

#[test]
fn an_empty_plan_is_finished_at_once() {
    let machine = Machine::new(&plan(0, []), None);
    assert_eq!(machine.status(), Status::Finished(End::Succeeded));
}

#[test]
fn settling_what_does_not_run_is_an_error_and_changes_nothing() {
    let plan = plan(2, [(0, 1)]);
    let mut machine = Machine::new(&plan, None);
    started(&mut machine);
    machine.settle(&plan, node(0), Outcome::Succeeded, |_| true).unwrap();
    let before = machine.save();
    for wrong in [0, 1, 2, u32::MAX] {
        let error = machine.settle(&plan, node(wrong), Outcome::Failed, |_| true).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Internal, "{wrong}");
    }
    assert_eq!(machine.save(), before);
    let error = machine.settle(&plan, node(1), Outcome::Failed, |_| true).unwrap_err();
    assert_eq!(error.to_string(), "INTERNAL: a node was settled that is ready, not running (node 1)");
}

#[test]
fn settling_with_the_plan_of_another_graph_is_an_error() {
    let (one, other) = (plan(2, [(0, 1)]), plan(2, []));
    let mut machine = Machine::new(&one, None);
    started(&mut machine);
    let error = machine.settle(&other, node(0), Outcome::Succeeded, |_| true).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Internal);
    assert_eq!(machine.state(node(0)), NodeState::Running);
}
