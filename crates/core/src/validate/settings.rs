//! Settings within their ranges.

use std::collections::HashSet;
use std::time::Duration;

use super::at_node;
use crate::{Agent, Condition, Diagnostic, DiagnosticCode, Node, NodeKind, OTHERWISE};

pub(super) fn check(node: &Node, findings: &mut Vec<Diagnostic>) {
    let mut wrong = |message: String, help: &str| {
        findings.push(Diagnostic::error(DiagnosticCode::InvalidSetting, at_node(&node.id), message, help));
    };
    if node.timeout == Some(Duration::ZERO) {
        wrong("the timeout is 0".to_owned(), "give it time, or leave the timeout out");
    }
    if let Some(retry) = &node.retry
        && retry.initial_delay > retry.max_delay
    {
        wrong(
            format!(
                "the first retry waits {:?}, longer than the longest pause of {:?}",
                retry.initial_delay, retry.max_delay
            ),
            "raise the longest pause or lower the first",
        );
    }
    if node.idle_timeout == Some(Duration::ZERO) {
        wrong("the idle timeout is 0".to_owned(), "give it time, or leave the idle timeout out");
    }
    match &node.kind {
        NodeKind::Condition(condition) => check_branches(condition, &mut wrong),
        NodeKind::Tool(tool) if tool.tool.trim().is_empty() => {
            wrong("the tool's name is empty".to_owned(), "name a tool that the executor knows");
        }
        NodeKind::Agent(agent) => check_agent(agent, &mut wrong),
        _ => {}
    }
}

fn check_branches(condition: &Condition, wrong: &mut dyn FnMut(String, &str)) {
    let names = condition.branch_names();
    if names.is_empty() && matches!(condition, Condition::Branches(_) | Condition::Model(_)) {
        wrong("the condition has no branches".to_owned(), "name at least one");
    }
    let mut seen = HashSet::new();
    for name in names {
        if name.trim().is_empty() {
            wrong("the name of a branch is empty".to_owned(), "name every branch");
        } else if !seen.insert(name) {
            wrong(format!("two branches have the name \"{name}\""), "give each branch a name of its own");
        }
        if name == OTHERWISE && matches!(condition, Condition::Branches(_)) {
            wrong(
                "a branch has the name \"otherwise\", which stands for none of them".to_owned(),
                "give it another name",
            );
        }
    }
}

fn check_agent(agent: &Agent, wrong: &mut dyn FnMut(String, &str)) {
    if let Some(temperature) = agent.temperature
        && !(0.0..=2.0).contains(&temperature)
    {
        wrong(format!("the temperature is {temperature}"), "temperature must be between 0.0 and 2.0");
    }
    if agent.max_tokens == Some(0) {
        wrong("max_tokens is 0".to_owned(), "max_tokens must be greater than 0");
    }
    if agent.model.as_ref().is_some_and(|model| model.trim().is_empty()) {
        wrong("the model's name is empty".to_owned(), "name a model, or leave it out to take the executor's");
    }
}
