//! Whether the edges behind a node fit each other and the branches that it chooses from.

use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;
use serde_json::Value;

use super::{at_edge, at_node};
use crate::graph::when;
use crate::{
    Condition, Diagnostic, DiagnosticCode, Graph, NodeKind, OTHERWISE, Operator, Predicate, When, nearest,
};

pub(super) fn check(graph: &Graph, findings: &mut Vec<Diagnostic>) {
    for (index, node) in graph.nodes.node_indices().zip(graph.nodes()) {
        let edges = edges(graph, index);
        check_otherwise(graph, index, &edges, findings);
        if let NodeKind::Condition(condition) = &node.kind {
            check_branches(graph, index, condition, &edges, findings);
        }
    }
}

/// The edges behind a node, in the order in which they were connected.
fn edges(graph: &Graph, from: NodeIndex) -> Vec<(NodeIndex, &When)> {
    let mut edges: Vec<_> =
        (graph.nodes.edges(from)).map(|edge| (edge.target(), when(edge.weight()))).collect();
    edges.reverse();
    edges
}

fn check_otherwise(
    graph: &Graph,
    index: NodeIndex,
    edges: &[(NodeIndex, &When)],
    findings: &mut Vec<Diagnostic>,
) {
    let mut others = edges.iter().filter(|(_, when)| matches!(when, When::Otherwise)).map(|(to, _)| *to);
    let Some(first) = others.next() else { return };
    let (from, to) = (graph.id(index), graph.id(first));
    if !edges.iter().any(|(_, when)| matches!(when, When::Matches(_) | When::Function)) {
        findings.push(Diagnostic::warning(
            DiagnosticCode::LoneOtherwise,
            at_edge(from, to),
            "no other edge of the node has a condition, so that this one is always taken",
            "add an edge with a condition, or leave \"otherwise\" out",
        ));
    }
    if let Some(second) = others.find(|second| *second != first) {
        findings.push(Diagnostic::error(
            DiagnosticCode::SeveralOtherwise,
            at_edge(from, graph.id(second)),
            format!("the node has another edge for what is left, to \"{to}\""),
            "keep one of them; it may lead to a join or a transform that others follow",
        ));
    }
}

/// What a condition can give, as far as it is known.
fn outputs(condition: &Condition) -> Vec<Value> {
    match condition {
        Condition::Predicate(_) => vec![Value::from(true), Value::from(false)],
        Condition::Function => Vec::new(),
        Condition::Branches(_) | Condition::Model(_) => {
            condition.branch_names().into_iter().map(Value::from).collect()
        }
    }
}

fn check_branches(
    graph: &Graph,
    index: NodeIndex,
    condition: &Condition,
    edges: &[(NodeIndex, &When)],
    findings: &mut Vec<Diagnostic>,
) {
    let outputs = outputs(condition);
    if outputs.is_empty() || edges.is_empty() {
        return;
    }
    let taken = |when: &When, output: &Value| match when {
        When::Always | When::Otherwise | When::Function => true,
        When::Matches(predicate) => predicate.test(output),
        When::Failed => false,
    };
    for output in outputs.iter().filter(|output| !edges.iter().any(|(_, when)| taken(when, output))) {
        findings.push(Diagnostic::warning(
            DiagnosticCode::UnusedBranch,
            at_node(graph.id(index)),
            format!("no edge is taken for the branch {output}"),
            "connect a node for it, or one for all that is left with \"otherwise\"",
        ));
    }
    let otherwise = matches!(condition, Condition::Branches(_)).then_some(OTHERWISE);
    let known =
        |value: &Value| outputs.contains(value) || value.as_str().is_some_and(|name| Some(name) == otherwise);
    for (to, when) in edges {
        for value in named(when).into_iter().filter(|value| !known(value)) {
            let names = outputs.iter().filter_map(Value::as_str).chain(otherwise);
            let near = value.as_str().and_then(|wrong| nearest(wrong, names));
            let all: Vec<String> = outputs.iter().map(Value::to_string).collect();
            findings.push(Diagnostic::error(
                DiagnosticCode::UnknownBranch,
                at_edge(graph.id(index), graph.id(*to)),
                format!("the condition \"{}\" has no branch {value}", graph.id(index)),
                near.map_or_else(
                    || format!("name one of its branches: {}", all.join(", ")),
                    |near| format!("did you mean \"{near}\"?"),
                ),
            ));
        }
    }
}

/// The branches that an edge names, where it does nothing else.
fn named(when: &When) -> Vec<&Value> {
    match when {
        When::Matches(Predicate::Test { path: None, operator: Operator::Equals(value) }) => vec![value],
        When::Matches(Predicate::Test { path: None, operator: Operator::In(values) }) => {
            values.iter().collect()
        }
        _ => Vec::new(),
    }
}
