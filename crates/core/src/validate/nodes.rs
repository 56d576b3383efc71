//! What each node shows by itself: its id, its settings and the syntax of its templates.

use std::sync::Arc;

use super::{NodeTemplates, at_node, settings};
use crate::graph::INPUT;
use crate::{Agent, Diagnostic, DiagnosticCode, Graph, Node, NodeKind, Template};

pub(super) fn check(graph: &Graph, findings: &mut Vec<Diagnostic>) -> Vec<NodeTemplates> {
    let templates = graph.nodes().map(|node| check_node(node, findings)).collect();
    for node in &graph.duplicates {
        findings.push(Diagnostic::error(
            DiagnosticCode::DuplicateId,
            at_node(&node.id),
            format!("a second node, named \"{}\", has the id \"{}\"", node.name, node.id),
            "give one of them another id, or none: the graph then makes one from its name",
        ));
        check_node(node, findings);
    }
    templates
}

fn check_node(node: &Node, findings: &mut Vec<Diagnostic>) -> NodeTemplates {
    check_id(node, findings);
    settings::check(node, findings);
    match &node.kind {
        NodeKind::Agent(agent) => check_agent(node, agent, findings),
        NodeKind::Transform | NodeKind::Join => NodeTemplates::default(),
    }
}

fn check_id(node: &Node, findings: &mut Vec<Diagnostic>) {
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
    } else if id.contains(['.', '{', '}']) || id.contains(char::is_control) || id.trim() != id {
        findings.push(Diagnostic::error(
            DiagnosticCode::InvalidId,
            at_node(id),
            "no template could name an id with a dot, a brace, a control character, or white space at an end",
            "use letters, digits, - and _",
        ));
    }
}

fn check_agent(node: &Node, agent: &Agent, findings: &mut Vec<Diagnostic>) -> NodeTemplates {
    if agent.prompt.trim().is_empty() {
        findings.push(Diagnostic::error(
            DiagnosticCode::EmptyPrompt,
            at_node(&node.id),
            "the prompt is empty",
            "say what the agent is to do",
        ));
    }
    NodeTemplates {
        prompt: read(node, "prompt", &agent.prompt, findings),
        system_prompt: agent
            .system_prompt
            .as_ref()
            .and_then(|text| read(node, "system prompt", text, findings)),
    }
}

fn read(node: &Node, field: &str, text: &Arc<str>, findings: &mut Vec<Diagnostic>) -> Option<Template> {
    match Template::read(Arc::clone(text)) {
        Ok(template) => Some(template),
        Err(faults) => {
            findings.extend(faults.into_iter().map(|fault| {
                Diagnostic::error(
                    DiagnosticCode::TemplateSyntax,
                    format!("{}, {field}, line {}, byte {}", at_node(&node.id), fault.line, fault.offset),
                    fault.message,
                    fault.help,
                )
            }));
            None
        }
    }
}
