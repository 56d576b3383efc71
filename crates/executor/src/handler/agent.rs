//! An agent asks its model once: system prompt, prompt, and what is upstream.

use std::fmt::Write;

use graphbit_core::{Agent, NodeIndex, PlanNode, Result, Template};
use graphbit_llm::{Request, Settings, complete};
use serde_json::Value;

use super::Context;
use crate::state::Done;

pub(super) async fn run(context: &Context, index: NodeIndex, node: &PlanNode, agent: &Agent) -> Result<Done> {
    let request = request(context, index, node, agent)?;
    let own =
        context.run.workflow.model_of(index).map(|source| source.connect(&context.lease)).transpose()?;
    let model = match (&own, &context.model) {
        (Some(own), _) => own,
        (None, Ok(model)) => model,
        (None, Err(error)) => return Err(error.duplicate()),
    };
    let response = complete(&**model, request).await?;
    let (usage, finish_reason) = (response.usage.clone().map(Box::new), response.finish_reason);
    Ok(Done { output: Value::String(response.into_text()?), usage, finish_reason })
}

fn request(context: &Context, index: NodeIndex, node: &PlanNode, agent: &Agent) -> Result<Request> {
    let render = |template: &Option<Template>| match template {
        Some(template) => {
            template.render(&context.run.values(template.variables().map(|variable| variable.root())))
        }
        None => Ok(String::new()),
    };
    let mut prompt = render(&node.template)?;
    if node.template.as_ref().is_none_or(|template| !template.has_variables()) {
        add_upstream(&mut prompt, context, index);
    }
    let mut settings = Settings::default();
    settings.temperature = agent.temperature;
    settings.max_tokens = agent.max_tokens;
    let mut request = Request::prompt(prompt).settings(settings);
    request.model.clone_from(&agent.model);
    Ok(match &node.system_template {
        Some(_) => request.system(render(&node.system_template)?),
        None => request,
    })
}

/// A prompt that names nothing upstream gets all of it as context: an edge always carries something.
fn add_upstream(prompt: &mut String, context: &Context, index: NodeIndex) {
    for (id, output) in context.run.upstream(index) {
        let text = match &*output {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let _ = write!(prompt, "\n\nContext from {id}:\n{text}"); // writing to a string cannot fail
    }
}
