use std::sync::Arc;

use crate::template::Template;
use crate::{
    Agent, Graph, Join, JoinRule, Map, Node, NodeIndex, Plan, PlanNode, Predicate, Reducer, StateVariable,
    Subgraph, Tool, When,
};

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
fn edges_between_the_same_nodes_are_one_with_all_their_conditions() {
    let mut graph = diamond();
    for (from, to, when) in [
        ("d", "b", When::Failed),
        ("b", "a", When::Always),
        ("d", "a", When::equals(1)),
        ("d", "a", When::equals(1)),
        ("d", "a", When::equals(2)),
    ] {
        graph.connect_when(from, to, when).unwrap();
    }
    let plan = graph.compile().unwrap();
    let whens = |from: u32| -> Vec<(u32, Vec<When>)> {
        plan.edges(index(from)).map(|edge| (edge.to.as_u32(), edge.whens().cloned().collect())).collect()
    };
    assert_eq!(
        whens(3),
        [
            (2, vec![When::Always]),
            (1, vec![When::Always, When::Failed]),
            (0, vec![When::equals(1), When::equals(2)]),
        ]
    );
    assert_eq!(whens(1), [(0, vec![When::Always])]);
    assert_eq!((plan.edge_count(), plan.predecessors(index(0)).len()), (5, 3));
    assert!(plan.handles_failure(index(3)) && !plan.handles_failure(index(1)));
    let edge = plan.edge(index(3), index(0));
    assert!(edge.depends_on_output() && !edge.is_always() && !edge.handles_failure());
    let edge = plan.edge(index(3), index(1));
    assert!(edge.is_always() && edge.handles_failure() && !edge.depends_on_output());
    assert!(plan.edge(index(3), index(2)).is_always());
}

#[test]
fn the_fingerprint_covers_what_a_saved_run_depends_on() {
    let body = |id: &str| {
        let mut body = Graph::new("body");
        body.add(Node::join(id)).unwrap();
        body
    };
    let with = |when: When, rule: JoinRule, body: Graph| {
        let mut graph = diamond();
        graph.add(Node::new("j", Join::default().with_rule(rule))).unwrap();
        graph.add(Node::new("s", Subgraph::new(body))).unwrap();
        graph.connect_when("a", "j", when).unwrap();
        graph.compile().unwrap().fingerprint()
    };
    let base = with(When::equals(1), JoinRule::All, body("x"));
    assert_eq!(base, with(When::equals("other"), JoinRule::All, body("x")));
    for other in [
        with(When::Always, JoinRule::All, body("x")),
        with(When::Failed, JoinRule::All, body("x")),
        with(When::Function, JoinRule::All, body("x")),
        with(When::equals(1), JoinRule::Any, body("x")),
        with(When::equals(1), JoinRule::All, body("y")),
    ] {
        assert_ne!(base, other);
    }
}

#[test]
fn what_nodes_bring_is_parsed_and_compiled() {
    let mut body = Graph::new("body");
    body.add(Node::join("inner")).unwrap();
    let mut graph = Graph::new("g")
        .with_input(serde_json::json!({ "type": "string" }))
        .with_state("n", StateVariable::new(Reducer::Count));
    graph.add(Node::new("m", Map::over("{{input}}", body))).unwrap();
    graph.add(Node::new("t", Tool::new("t").with_arguments(["{{m}}"]))).unwrap();
    let agent = Agent::new("p").with_output(serde_json::json!({ "type": "number" }));
    graph.add(Node::new("a", agent).with_fallback(0).with_cache("{{input}}")).unwrap();
    graph.connect("m", "t").unwrap();
    graph.connect_when("t", "a", When::Matches(Predicate::All(Vec::new()))).unwrap();
    let plan = graph.compile().unwrap();
    let [map, tool, agent] = [0, 1, 2].map(|number| plan.node(index(number)).unwrap());
    assert_eq!(map.body().unwrap().index_of("inner"), Some(index(0)));
    assert!(map.template.as_ref().unwrap().as_variable().is_some() && map.arguments().is_none());
    assert_eq!(tool.arguments().unwrap().templates().count(), 1);
    assert!(tool.schema().is_none() && tool.body().is_none());
    assert_eq!(agent.schema().unwrap().faults(&serde_json::json!("x")).len(), 1);
    assert!(agent.fallback().is_some() && agent.cache().is_some());
    assert!(plan.input_schema().is_some() && plan.output_schema().is_none());
    assert_eq!(plan.state().len(), 1);
    let quorum = plan.quorum(index(0));
    assert_eq!((quorum, plan.quorums()), (None, &[][..]));
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
    let edges = plan.edges.targets.heap() + plan.predecessors.heap();
    let bytes = flat + edges + templates;
    println!(
        "plan of 1,000 nodes: {} bytes a node beside nodes and prompts, which the graph shares",
        bytes / 1_000
    );
    assert!(bytes < 150 * 1_000);
}
