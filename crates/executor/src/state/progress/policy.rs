//! What a node's outcome comes to by its policy: what it writes to the state, and what takes the place of a failure.

use std::sync::Arc;

use graphbit_core::{Error, ErrorCode, JsonTemplate, NodeIndex, OnError, Plan, Result, Write};
use serde_json::{Value, json};

use super::{Done, Progress};
use crate::machine::Outcome;
use crate::state::{RunState, variables};

/// What is kept of a node, and what its machine is told.
pub(super) struct Settled {
    pub(super) done: Option<Done>,
    /// Why it failed, also where something else took the failure's place.
    pub(super) error: Option<Error>,
    pub(super) outcome: Outcome,
}

impl Settled {
    pub(super) fn failed(error: Error, outcome: Outcome) -> Self {
        Self { done: None, error: Some(error), outcome }
    }
}

/// Applies a node's writes, or its fallback and its policy.
///
/// # Errors
/// Where the fallback cannot be rendered or written; the node's own failure is the cause.
pub(super) fn settle(
    progress: &mut Progress,
    run: &RunState,
    node: NodeIndex,
    outcome: Result<Done>,
) -> Result<Settled> {
    let plan = run.workflow.plan();
    let of_plan = plan.node(node).ok_or_else(|| Error::internal("a node of another plan has ended"))?;
    let writes = &of_plan.node.writes;
    let written = outcome.and_then(|done| {
        write(progress, plan, writes, &done.output)?;
        Ok(done)
    });
    let error = match written {
        Ok(done) => return Ok(Settled { done: Some(done), error: None, outcome: Outcome::Succeeded }),
        Err(error) => error,
    };
    if error.code() == ErrorCode::Cancelled && run.root.draining().is_some() {
        return Ok(Settled::failed(error, Outcome::Cancelled)); // nothing takes the place of what was cut off
    }
    if let Some(fallback) = of_plan.fallback() {
        let done = render(progress, plan, fallback).and_then(|output| {
            write(progress, plan, writes, &output)?;
            Ok(Done::from(output))
        });
        return match done {
            Ok(done) => Ok(Settled { done: Some(done), error: Some(error), outcome: Outcome::Succeeded }),
            Err(fault) => Err(fault.caused_by(error)),
        };
    }
    Ok(match of_plan.node.on_error {
        OnError::Skip => Settled::failed(error, Outcome::Skipped),
        OnError::Continue => {
            Settled { done: Some(Done::from(Value::Null)), error: Some(error), outcome: Outcome::Succeeded }
        }
        _ => Settled::failed(error, Outcome::Failed),
    })
}

fn write(progress: &mut Progress, plan: &Plan, writes: &[Write], output: &Value) -> Result<()> {
    if writes.is_empty() {
        return Ok(()); // a prompt that is being rendered may hold the variables; they are not copied for nothing
    }
    variables::write(plan, writes, Arc::make_mut(&mut progress.variables), output)
}

fn render(progress: &Progress, plan: &Plan, fallback: &JsonTemplate) -> Result<Value> {
    let variables = fallback.templates().flat_map(|template| template.variables());
    fallback.render(&progress.values(plan, variables.map(|variable| variable.root())))
}

/// A failure as a value, for whoever handles it.
pub(crate) fn described(error: &Error) -> Value {
    json!({ "error": { "code": error.code().as_str(), "message": error.message() } })
}
