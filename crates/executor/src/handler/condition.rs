//! A condition chooses: by a test of what is upstream, by a function, or by asking a model. Its output is the choice.

use graphbit_core::{Condition, Error, ErrorCode, ModelChoice, NodeIndex, OTHERWISE, PlanNode, Result};
use graphbit_llm::{OutputSchema, Request};
use serde_json::{Value, json};

use super::{Context, agent, function};
use crate::state::Done;

pub(super) async fn run(
    context: &Context,
    index: NodeIndex,
    node: &PlanNode,
    condition: &Condition,
) -> Result<Done> {
    let input = context.run.input_of(index);
    match condition {
        Condition::Predicate(predicate) => Ok(Value::Bool(predicate.test(&input)).into()),
        Condition::Branches(branches) => {
            let taken = branches.iter().find(|branch| branch.when.test(&input));
            Ok(json!(taken.map_or(OTHERWISE, |branch| &branch.name)).into())
        }
        Condition::Function => function::run(context, index, input).await,
        Condition::Model(choice) => ask(context, index, node, choice).await,
        _ => Err(Error::internal("a condition of an unknown kind was started")),
    }
}

/// Lets a model name one of the branches.
async fn ask(context: &Context, index: NodeIndex, node: &PlanNode, choice: &ModelChoice) -> Result<Done> {
    let mut done = agent::ask(context, index, node, || request(context, index, node, choice)).await?;
    let chosen = done.output.get("choice").cloned();
    let chosen = chosen
        .ok_or_else(|| Error::new(ErrorCode::Output, "the model chose no branch: it did not answer"))?;
    done.output = chosen.into();
    Ok(done)
}

fn request(context: &Context, index: NodeIndex, node: &PlanNode, choice: &ModelChoice) -> Result<Request> {
    let mut prompt = agent::prompt(context, index, node)?;
    prompt.push_str("\n\nChoose one of:");
    for branch in &choice.branches {
        prompt.push_str("\n- ");
        prompt.push_str(&branch.name);
        if let Some(about) = &branch.description {
            prompt.push_str(": ");
            prompt.push_str(about);
        }
    }
    let names: Vec<&str> = choice.branches.iter().map(|branch| branch.name.as_str()).collect();
    let schema = json!({
        "type": "object",
        "properties": { "choice": { "type": "string", "enum": names } },
        "required": ["choice"],
        "additionalProperties": false,
    });
    Ok(Request::prompt(prompt).output(OutputSchema::new(schema).named("choice")))
}
