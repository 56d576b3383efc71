//! Graphs inside nodes.

use std::num::NonZeroU32;

use super::{joins, texts};
use crate::{Graph, Loop, Map, Node, Repeat, Subgraph};

fn nested(depth: usize) -> Graph {
    let mut graph = Graph::new("innermost");
    graph.add(Node::transform("t")).unwrap();
    for _ in 0..depth {
        let mut around = Graph::new("g");
        around.add(Node::new("s", Subgraph::new(graph))).unwrap();
        graph = around;
    }
    graph
}

#[test]
fn what_is_wrong_inside_is_told_with_the_way_to_it() {
    let mut body = joins(&["a", "b", ""], &[("a", "b"), ("b", "a"), ("a", "x")]);
    body.add(Node::agent("w", "{{outer}} {{input.item}}")).unwrap();
    body = body.with_input(3);
    let mut graph = Graph::new("g");
    graph.add(Node::transform("outer")).unwrap();
    graph.add(Node::new("each", Map::new(body))).unwrap();
    graph.add(Node::new("again", Loop::new(Graph::new(""), Repeat::UntilFunction, NonZeroU32::MIN))).unwrap();
    let found = texts(&graph.validate());
    let places: Vec<_> = found.iter().map(|text| text.split(": ").next().unwrap()).collect();
    assert_eq!(
        places,
        [
            "node each, body, input",
            "node each/named \"\"",
            "edge each/a → each/x",
            "node each/",
            "node each/w",
            "node each/a",
            "node each/w, prompt, line 1",
            "node again, body",
        ]
    );
    assert!(found[6].contains("\"outer\" is neither a node nor input"), "a body sees only its own nodes");
    assert!(found[7].contains("the graph has no nodes"));
    assert!(graph.compile().is_err());
}

#[test]
fn graphs_stand_one_inside_the_other_sixteen_times_and_no_more() {
    let deepest = nested(16);
    assert_eq!(deepest.validate(), []);
    let json = deepest.to_json().unwrap();
    assert_eq!(Graph::from_json(&json).unwrap(), deepest);
    let mut plan = std::sync::Arc::new(deepest.compile().unwrap());
    for _ in 0..16 {
        let body = plan.node(plan.roots()[0]).unwrap().body().unwrap();
        plan = std::sync::Arc::clone(body);
    }
    assert_eq!(plan.name(), "innermost");
    let place = "s/".repeat(16) + "s";
    assert_eq!(
        texts(&nested(17).validate()),
        [format!(
            "node {place}: more than 16 graphs stand one inside the other (put the steps of the innermost ones side by side)"
        )]
    );
}
