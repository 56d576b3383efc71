//! The templates of a node: their syntax, and which field each belongs to.

use std::sync::Arc;

use serde_json::Value;

use super::{Parts, at_node};
use crate::template::SyntaxError;
use crate::{Condition, Diagnostic, DiagnosticCode, JsonTemplate, Node, NodeKind, Template};

/// Reads all of a node's templates.
pub(super) fn read(node: &Node, findings: &mut Vec<Diagnostic>) -> Parts {
    let mut parts = Parts::default();
    let field = main_field(&node.kind);
    match &node.kind {
        NodeKind::Agent(agent) => {
            check_text(node, field, &agent.prompt, findings);
            parts.template = text(node, field, &agent.prompt, findings);
            parts.system_template =
                agent.system_prompt.as_ref().and_then(|system| text(node, "system prompt", system, findings));
        }
        NodeKind::Condition(Condition::Model(choice)) => {
            check_text(node, field, &choice.prompt, findings);
            parts.template = text(node, field, &choice.prompt, findings);
        }
        NodeKind::Pause(pause) => {
            check_text(node, field, &pause.question, findings);
            parts.template = text(node, field, &pause.question, findings);
        }
        NodeKind::Map(map) => {
            parts.template = map.items.as_ref().and_then(|items| text(node, field, items, findings));
            if parts.template.as_ref().is_some_and(|items| items.as_variable().is_none()) {
                findings.push(Diagnostic::error(
                    DiagnosticCode::InvalidSetting,
                    format!("{}, {field}", at_node(&node.id)),
                    "the items are text, not a list",
                    "name one variable and nothing else, as in {{input.list}}",
                ));
            }
        }
        NodeKind::Tool(tool) => {
            parts.arguments =
                tool.arguments.as_ref().and_then(|arguments| json(node, "arguments", arguments, findings));
        }
        _ => {}
    }
    parts.fallback = node.fallback.as_ref().and_then(|value| json(node, "fallback", value, findings));
    parts.cache = node.cache.as_ref().and_then(|key| text(node, "cache", key, findings));
    parts
}

impl Parts {
    /// All templates with the field that each belongs to.
    pub(super) fn templates(&self, kind: &NodeKind) -> impl Iterator<Item = (&'static str, &Template)> {
        let field = main_field(kind);
        (self.template.iter().map(move |template| (field, template)))
            .chain(self.system_template.iter().map(|template| ("system prompt", template)))
            .chain(json_templates("arguments", &self.arguments))
            .chain(json_templates("fallback", &self.fallback))
            .chain(self.cache.iter().map(|template| ("cache", template)))
    }
}

fn json_templates<'a>(
    field: &'static str,
    json: &'a Option<JsonTemplate>,
) -> impl Iterator<Item = (&'static str, &'a Template)> {
    json.iter().flat_map(JsonTemplate::templates).map(move |template| (field, template))
}

/// What the main template of a kind is called.
fn main_field(kind: &NodeKind) -> &'static str {
    match kind {
        NodeKind::Map(_) => "items",
        NodeKind::Pause(_) => "question",
        _ => "prompt",
    }
}

fn check_text(node: &Node, field: &str, text: &str, findings: &mut Vec<Diagnostic>) {
    if text.trim().is_empty() {
        let help = match &node.kind {
            NodeKind::Pause(_) => "say what is to be answered",
            NodeKind::Condition(_) => "say what the model is to decide",
            _ => "say what the agent is to do",
        };
        findings.push(Diagnostic::error(
            DiagnosticCode::EmptyPrompt,
            at_node(&node.id),
            format!("the {field} is empty"),
            help,
        ));
    }
}

fn text(node: &Node, field: &str, text: &Arc<str>, findings: &mut Vec<Diagnostic>) -> Option<Template> {
    Template::read(Arc::clone(text)).map_err(|faults| report(node, field, faults, findings)).ok()
}

fn json(node: &Node, field: &str, value: &Value, findings: &mut Vec<Diagnostic>) -> Option<JsonTemplate> {
    JsonTemplate::read(value).map_err(|faults| report(node, field, faults, findings)).ok()
}

fn report(node: &Node, field: &str, faults: Vec<SyntaxError>, findings: &mut Vec<Diagnostic>) {
    findings.extend(faults.into_iter().map(|fault| {
        Diagnostic::error(
            DiagnosticCode::TemplateSyntax,
            format!("{}, {field}, line {}, byte {}", at_node(&node.id), fault.line, fault.offset),
            fault.message,
            fault.help,
        )
    }));
}
