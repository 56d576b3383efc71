//! What a run costs: bytes at rest, and time that grows with nodes and edges only. `--nocapture` shows the figures.

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use graphbit_core::{Graph, Join, JoinRule, Node, Plan};

use super::super::{End, Machine, Outcome, Packed, Status};
use super::{limit, plan};

fn bytes(machine: &Machine) -> usize {
    size_of::<Machine>() + size_of_val::<[Packed]>(&machine.nodes)
}

#[test]
fn a_run_at_rest_holds_four_bytes_a_node() {
    for nodes in [3, 1_000] {
        let machine = Machine::new(&plan(nodes, (1..nodes).map(|to| (to - 1, to))), limit(4));
        println!("machine of {nodes} nodes: {} bytes", bytes(&machine));
        assert!(bytes(&machine) <= 80 + 4 * nodes as usize);
    }
}

#[test]
fn a_quorum_of_several_holds_eight_bytes_more() {
    let mut graph = Graph::new("g");
    for number in 0..1_000 {
        let rule = JoinRule::Quorum(NonZeroU32::new(1 + number % 2).unwrap());
        let rule = if number < 2 { JoinRule::All } else { rule };
        let id = graph.add(Node::new("j", Join::default().with_rule(rule))).unwrap();
        if number < 2 {
            continue;
        }
        graph.connect("j", &id).unwrap();
        graph.connect("j-2", &id).unwrap();
    }
    let machine = Machine::new(&graph.compile().unwrap(), None);
    let needs = machine.needs.as_ref().map_or(0, |needs| size_of_val(needs.as_slice()));
    assert_eq!(needs, 8 * 499);
    assert!(bytes(&machine) <= 80 + 4 * 1_000);
}

fn run(plan: &Plan, parallel: usize) -> Duration {
    let began = Instant::now();
    let mut machine = Machine::new(plan, limit(parallel));
    let mut running = Vec::new();
    machine.next(&mut running);
    while let Some(node) = running.pop() {
        machine.settle(plan, node, Outcome::Succeeded, |_| true).unwrap();
        machine.next(&mut running);
    }
    assert_eq!(machine.status(), Status::Finished(End::Succeeded));
    began.elapsed()
}

#[test]
fn wide_and_deep_runs_of_10_000_nodes_take_linear_time() {
    const MIDDLE: u32 = 10_000;
    let wide = plan(MIDDLE + 2, (1..=MIDDLE).flat_map(|n| [(0, n), (n, MIDDLE + 1)]));
    let deep = plan(MIDDLE, (1..MIDDLE).map(|to| (to - 1, to)));
    for (name, plan, parallel) in [("wide", &wide, 0), ("wide, 7 at once", &wide, 7), ("deep", &deep, 0)] {
        let took = run(plan, parallel);
        println!("{name}: {} nodes and {} edges in {took:?}", plan.len(), plan.edge_count());
        assert!(took < Duration::from_secs(2), "{name} took {took:?}");
    }
}

#[test]
fn a_failure_at_the_head_of_a_long_chain_skips_all_of_it() {
    let deep = plan(10_000, (1..10_000).map(|to| (to - 1, to)));
    let mut machine = Machine::new(&deep, None);
    let head = machine.next_where(|_| true).unwrap();
    machine.settle(&deep, head, Outcome::Failed, |_| true).unwrap();
    assert_eq!(machine.counts().skipped, 9_999);
    assert_eq!(machine.status(), Status::Finished(End::Failed));
}
