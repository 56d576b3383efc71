mod bodies;
mod choices;
mod nodes;
mod random;
mod scale;
mod state;
mod variables;

use crate::{Diagnostic, DiagnosticCode, Graph, Node};

/// A graph of joins, with whatever edges.
pub(super) fn joins(ids: &[&str], edges: &[(&str, &str)]) -> Graph {
    let mut graph = Graph::new("g");
    for id in ids {
        graph.add(Node::join(*id).with_id(*id)).unwrap();
    }
    for (from, to) in edges {
        graph.connect(from, to).unwrap();
    }
    graph
}

pub(super) fn codes(findings: &[Diagnostic]) -> Vec<DiagnosticCode> {
    findings.iter().map(|finding| finding.code).collect()
}

/// The findings as their readers see them.
pub(super) fn texts(findings: &[Diagnostic]) -> Vec<String> {
    findings.iter().map(ToString::to_string).collect()
}

#[test]
fn every_finding_is_reported_at_once() {
    let mut graph = joins(&["a", "b", "c", "a", "", "input"], &[("b", "c"), ("c", "b"), ("b", "x")]);
    graph.add(Node::agent("w", " ").with_timeout(std::time::Duration::ZERO)).unwrap();
    graph.add(Node::agent("v", "{{a}} {{nobody}} {{")).unwrap();
    graph.add(Node::agent("u", "{{a}} {{nobody}}")).unwrap();
    use DiagnosticCode::*;
    assert_eq!(
        codes(&graph.validate()),
        [
            EmptyId,
            ReservedId,
            InvalidSetting,
            EmptyPrompt,
            TemplateSyntax,
            DuplicateId,
            UnknownNode,
            IsolatedNode,
            IsolatedNode,
            IsolatedNode,
            IsolatedNode,
            IsolatedNode,
            IsolatedNode,
            Cycle,
            UnknownVariable,
            NotUpstream,
        ]
    );
    let error = graph.compile().unwrap_err();
    assert_eq!(error.code().as_str(), "INVALID_GRAPH");
    assert_eq!(error.diagnostics(), graph.validate());
}

#[test]
fn a_sound_graph_has_no_findings() {
    let graph = joins(&["a", "b", "c", "d"], &[("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")]);
    assert_eq!(graph.validate(), []);
}

#[test]
fn an_empty_graph_is_only_a_warning() {
    let graph = Graph::new("g");
    assert_eq!(codes(&graph.validate()), [DiagnosticCode::EmptyGraph]);
    assert!(graph.compile().unwrap().is_empty());
}

#[test]
fn nodes_side_by_side_are_fine_but_one_beside_a_connected_graph_is_odd() {
    assert_eq!(joins(&["a", "b"], &[]).validate(), []);
    let graph = joins(&["a", "b", "c"], &[("a", "b")]);
    assert_eq!(
        texts(&graph.validate()),
        [
            "node c: the node is connected to no other (connect it, if it is part of the work; it runs by itself otherwise)"
        ]
    );
    assert!(graph.compile().is_ok());
}

#[test]
fn unknown_ends_name_the_nearest_node() {
    let mut graph = joins(&["research", "write"], &[("reserach", "write"), ("x1", "x2"), ("y", "y")]);
    graph.add(Node::join("The Editor").with_id("e")).unwrap();
    graph.connect("write", "The Editor").unwrap();
    let findings = graph.validate();
    assert_eq!(
        texts(&findings)[..5],
        [
            "edge write → The Editor: there is no node \"The Editor\" (did you mean \"e\"? Otherwise add the node)",
            "edge reserach → write: there is no node \"reserach\" (did you mean \"research\"? Otherwise add the node)",
            "edge x1 → x2: there is no node \"x1\" (add the node, or connect another one)",
            "edge x1 → x2: there is no node \"x2\" (add the node, or connect another one)",
            "edge y → y: there is no node \"y\" (add the node, or connect another one)",
        ]
    );
}

#[test]
fn edges_to_oneself_are_errors_and_second_edges_warnings() {
    let graph = joins(&["a", "b"], &[("a", "a"), ("a", "b"), ("a", "b"), ("a", "b"), ("a", "a")]);
    assert_eq!(
        texts(&graph.validate()),
        [
            "edge a → a: the node would wait for itself (remove the edge)",
            "edge a → b: the same two nodes are connected more than once (connect them once; the further edges change nothing)",
            "edge a → a: the same two nodes are connected more than once (connect them once; the further edges change nothing)",
            "node b: the node never starts: it waits for \"a\", which is on a cycle or behind one (remove the cycle)",
        ]
    );
}

#[test]
fn a_cycle_does_not_use_an_edge_to_oneself() {
    let graph = joins(&["a", "b"], &[("a", "a"), ("a", "b"), ("b", "a")]);
    let findings = graph.validate();
    assert_eq!(codes(&findings), [DiagnosticCode::SelfEdge, DiagnosticCode::Cycle]);
    assert_eq!(findings[1].message, "these nodes wait for each other: a → b → a");
}

#[test]
fn each_cycle_is_reported_once_with_its_path() {
    let graph = joins(
        &["a", "b", "c", "d", "e", "f", "g"],
        &[
            ("a", "b"),
            ("b", "c"),
            ("c", "a"),
            ("c", "d"),
            ("d", "e"),
            ("e", "d"),
            ("e", "f"),
            ("f", "e"),
            ("f", "g"),
        ],
    );
    assert_eq!(
        texts(&graph.validate()),
        [
            "node a: these nodes wait for each other: a → b → c → a (remove one of these edges)",
            "node d: these nodes wait for each other: d → e → d; 1 more are on cycles with these (remove one of these edges)",
            "node g: the node never starts: it waits for \"f\", which is on a cycle or behind one (remove the cycle)",
        ]
    );
}

#[test]
fn what_waits_for_a_cycle_never_starts_even_with_another_way_in() {
    let graph = joins(
        &["root", "x", "a", "b", "y"],
        &[("a", "b"), ("b", "a"), ("b", "x"), ("root", "x"), ("x", "y")],
    );
    assert_eq!(
        texts(&graph.validate())[1..],
        [
            "node x: the node never starts: it waits for \"b\", which is on a cycle or behind one (remove the cycle)",
            "node y: the node never starts: it waits for \"x\", which is on a cycle or behind one (remove the cycle)",
        ]
    );
}
