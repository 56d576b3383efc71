//! What each node shows by itself: its id, its settings and the syntax of its templates.

use super::{Parts, at_node, bodies, schemas, settings, state, templates};
use crate::graph::{INPUT, STATE};
use crate::{Diagnostic, DiagnosticCode, Graph, Node, NodeKind};

pub(super) fn check(graph: &Graph, depth: usize, findings: &mut Vec<Diagnostic>) -> Vec<Parts> {
    let parts = graph.nodes().map(|node| check_node(graph, node, depth, findings)).collect();
    for node in &graph.duplicates {
        findings.push(Diagnostic::error(
            DiagnosticCode::DuplicateId,
            at_node(&node.id),
            format!("a second node, named \"{}\", has the id \"{}\"", node.name, node.id),
            "give one of them another id, or none: the graph then makes one from its name",
        ));
        check_node(graph, node, depth, findings);
    }
    parts
}

fn check_node(graph: &Graph, node: &Node, depth: usize, findings: &mut Vec<Diagnostic>) -> Parts {
    check_id(graph, node, findings);
    settings::check(node, findings);
    state::check_writes(graph, node, findings);
    let mut parts = templates::read(node, findings);
    let (schema, field) = match &node.kind {
        NodeKind::Agent(agent) => (agent.output.as_ref(), "output"),
        NodeKind::Pause(pause) => (pause.answer.as_ref(), "answer"),
        NodeKind::Tool(tool) => (tool.parameters.as_ref(), "parameters"),
        _ => (None, ""),
    };
    parts.schema = schemas::check(schema, &at_node(&node.id), field, findings);
    parts.body = node.kind.body().and_then(|body| bodies::check(node, body, depth, findings)).map(Box::new);
    parts
}

fn check_id(graph: &Graph, node: &Node, findings: &mut Vec<Diagnostic>) {
    let id = &*node.id;
    if id.is_empty() {
        findings.push(Diagnostic::error(
            DiagnosticCode::EmptyId,
            at_node(&format!("named \"{}\"", node.name)),
            "the id is empty",
            "set an id, or leave it out: the graph then makes one from the name",
        ));
    } else if id == INPUT {
        findings.push(Diagnostic::error(
            DiagnosticCode::ReservedId,
            at_node(id),
            "the id \"input\" stands for the run's input in templates",
            "choose another id",
        ));
    } else if id == STATE && !graph.state.is_empty() {
        findings.push(Diagnostic::error(
            DiagnosticCode::ReservedId,
            at_node(id),
            "the id \"state\" stands for the graph's state in templates",
            "choose another id",
        ));
    } else if !is_name(id) {
        findings.push(Diagnostic::error(
            DiagnosticCode::InvalidId,
            at_node(id),
            "no template could name an id with a dot, a brace, a control character, or white space at an end",
            "use letters, digits, - and _",
        ));
    }
}

/// Whether a template can name it.
pub(super) fn is_name(text: &str) -> bool {
    !text.contains(['.', '{', '}']) && !text.contains(char::is_control) && text.trim() == text
}
