use std::sync::Arc;

use crate::template::Template;
use crate::{Graph, Node, NodeIndex, Plan, PlanNode};

fn index(number: u32) -> NodeIndex {
    NodeIndex::new(number)
}

/// `d → b → a`, `d → c → a`, with one edge twice.
fn diamond() -> Graph {
    let mut graph = Graph::new("diamond");
    for id in ["a", "b", "c", "d"] {
        graph.add(Node::agent(id, "{{input}}")).unwrap();
    }
    for (from, to) in [("c", "a"), ("b", "a"), ("d", "c"), ("d", "b"), ("d", "c")] {
        graph.connect(from, to).unwrap();
    }
    graph
}

#[test]
fn indices_follow_the_order_of_the_nodes_and_neighbours_that_of_the_edges() {
    let plan = diamond().compile().unwrap();
    assert_eq!((plan.name(), plan.len(), plan.edge_count(), plan.is_empty()), ("diamond", 4, 4, false));
    for (number, id) in [(0, "a"), (1, "b"), (2, "c"), (3, "d")] {
        assert_eq!(plan.index_of(id), Some(index(number)));
        assert_eq!(plan.id(index(number)), Some(id));
    }
    assert_eq!(plan.index_of("e"), None);
    assert_eq!(plan.predecessors(index(0)), [index(2), index(1)]);
    assert_eq!(plan.successors(index(3)), [index(2), index(1)]);
    assert_eq!(plan.successors(index(0)), []);
    assert_eq!((plan.roots(), plan.leaves()), (&[index(3)][..], &[index(0)][..]));
}

#[test]
fn ids_are_found_whatever_their_order() {
    let mut graph = Graph::new("g");
    let ids = ["m", "z", "a", "zz", "é", "b", "A"];
    for id in ids {
        graph.add(Node::join("n").with_id(id)).unwrap();
    }
    let plan = graph.compile().unwrap();
    let found: Vec<_> = ids.iter().map(|id| plan.index_of(id).unwrap().get()).collect();
    assert_eq!(found, [0, 1, 2, 3, 4, 5, 6]);
}

#[test]
fn an_index_of_another_plan_finds_nothing() {
    let plan = diamond().compile().unwrap();
    for number in [4, 5, u32::MAX] {
        assert!(plan.node(index(number)).is_none());
        assert_eq!(plan.successors(index(number)), []);
        assert_eq!(plan.predecessors(index(number)), []);
    }
    let empty = Graph::new("").compile().unwrap();
    assert!(empty.node(index(0)).is_none() && empty.roots().is_empty() && empty.index_of("").is_none());
}

#[test]
fn nodes_and_prompts_are_shared_with_the_graph() {
    let graph = diamond();
    let plan = graph.compile().unwrap();
    let node = plan.node(index(0)).unwrap();
    assert!(std::ptr::eq(&*node.node, graph.node("a").unwrap()));
    let prompt = &node.node.as_agent().unwrap().prompt;
    assert!(std::ptr::eq(node.template.as_ref().unwrap().source(), &**prompt));
    assert!(node.system_template.is_none());
}

#[test]
fn the_fingerprint_tells_ids_and_edges_apart_and_nothing_else() {
    let print = |graph: &Graph| graph.compile().unwrap().fingerprint();
    let base = print(&diamond());
    assert_eq!(base, 0x7b3c_48fa_99c6_4bb1, "saved runs depend on it: it never changes");
    assert_eq!(base, print(&Graph::from_json(&diamond().to_json().unwrap()).unwrap()));
    let mut more = diamond();
    more.connect("d", "a").unwrap();
    assert_ne!(base, print(&more));
    let renamed = diamond().to_json().unwrap().replace("\"d\"", "\"e\"");
    assert_ne!(base, print(&Graph::from_json(&renamed).unwrap()));
    let other_prompt = diamond().to_json().unwrap().replace("{{input}}", "p");
    assert_eq!(base, print(&Graph::from_json(&other_prompt).unwrap()));
}

#[test]
fn a_plan_is_shared_between_threads() {
    fn shared<T: Send + Sync + 'static>(_: &T) {}
    shared(&Arc::new(diamond().compile().unwrap()));
}

#[test]
fn a_plan_is_small() {
    let mut graph = Graph::new("g");
    for number in 0..1_000 {
        graph.add(Node::agent("n", "About {{input.x}}, please.").with_id(format!("n{number}"))).unwrap();
        if number > 0 {
            graph.connect(&format!("n{}", number - 1), &format!("n{number}")).unwrap();
        }
    }
    let plan: Plan = graph.compile().unwrap();
    let templates: usize =
        plan.nodes.iter().filter_map(|node| node.template.as_ref()).map(Template::heap).sum();
    let flat = size_of::<Plan>() + size_of_val::<[PlanNode]>(&plan.nodes) + size_of_val(&*plan.by_id);
    let edges = plan.successors.heap() + plan.predecessors.heap();
    let bytes = flat + edges + templates;
    println!(
        "plan of 1,000 nodes: {} bytes a node beside nodes and prompts, which the graph shares",
        bytes / 1_000
    );
    assert!(bytes < 150 * 1_000);
}
