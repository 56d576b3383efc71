//! Settings within their ranges.

use std::time::Duration;

use super::at_node;
use crate::{Diagnostic, DiagnosticCode, Node};

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
    let Some(agent) = node.as_agent() else { return };
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
