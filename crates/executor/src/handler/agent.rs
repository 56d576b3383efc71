//! An agent asks its model once: system prompt, prompt, and what is upstream.

use std::fmt::Write;
use std::sync::Arc;

use futures_util::{FutureExt, StreamExt};
use graphbit_core::{Agent, Error, ErrorCode, NodeIndex, PlanNode, Result};
use graphbit_llm::{
    Event, FinishReason, Model, OutputSchema, PartKind, Request, Response, Settings, complete, stream,
};
use graphbit_memory::Category;
use serde_json::Value;

use super::Context;
use super::idle::Idle;
use crate::Source;
use crate::event::{DeltaKind, RunEvent};
use crate::memory::Bounded;
use crate::state::Done;

pub(super) async fn run(context: &Context, index: NodeIndex, node: &PlanNode, agent: &Agent) -> Result<Done> {
    ask(context, index, node, || request(context, index, node, agent)).await
}

/// Asks the node's model. An answer of a given form is its value, any other its text. The request is made here and gone before
/// anybody waits: an argument would be kept.
pub(super) async fn ask(
    context: &Context,
    index: NodeIndex,
    node: &PlanNode,
    request: impl FnOnce() -> Result<Request>,
) -> Result<Done> {
    let request = request()?;
    let memory = &context.run.root.memory;
    let connect = |source: &Source| Ok(Bounded::within(source.connect(&context.lease)?, memory.budget()));
    let own = context.run.workflow.model_of(index).map(connect).transpose()?;
    let model = match (&own, &context.model) {
        (Some(own), _) => own,
        (None, Ok(model)) => model,
        (None, Err(error)) => return Err(error.duplicate()),
    };
    let watched = node.node.idle_timeout.map(|limit| Idle { model: &**model, limit });
    let model: &dyn Model = watched.as_ref().map_or(&**model, |watched| watched);
    let has_form = request.output.is_some();
    let _asked = memory.charge(Category::Prompt, request.text_bytes());
    // Piece by piece costs more: only where somebody wants the pieces. An answer of a given form is repaired where it does not
    // have it, which pieces that were handed on cannot be.
    let asked = if !has_form && context.run.root.feed.has_readers() {
        pieces(context, index, model, request).boxed().left_future()
    } else {
        complete(model, request).right_future()
    };
    let response = asked.await?;
    if let Some(usage) = &response.usage {
        context.run.root.spend(usage);
    }
    let finish_reason = response.finish_reason;
    let (mut text, usage) = response.into_text_and_usage()?;
    let usage = usage.map(Box::new);
    text.shrink_to_fit(); // it grew piece by piece, to up to twice what it holds
    let output = match has_form && finish_reason == Some(FinishReason::Stop) {
        true => serde_json::from_str(&text).map_err(|error| {
            Error::new(ErrorCode::Output, "the answer is not the JSON that was asked for").caused_by(error)
        })?,
        false => Value::String(text),
    };
    Ok(Done { output: Arc::new(output), usage, finish_reason })
}

/// Reads a reply as it is written, and tells the readers of the run's events.
async fn pieces(
    context: &Context,
    index: NodeIndex,
    model: &dyn Model,
    request: Request,
) -> Result<Response> {
    let (feed, name) = (&context.run.root.feed, Arc::<str>::from(context.run.name_of(index)));
    let (mut response, mut kinds) = (Response::default(), Vec::new());
    let mut events = stream(model, request).await?;
    while let Some(event) = events.next().await {
        let event = event.map_err(|error| match error.partial() {
            None => error.with_partial(response.partial()),
            Some(_) => error,
        })?;
        match &event {
            Event::PartStarted { kind, .. } => kinds.push(match kind {
                PartKind::Reasoning => DeltaKind::Reasoning,
                PartKind::ToolCall { .. } => DeltaKind::ToolCall,
                _ => DeltaKind::Text,
            }),
            Event::Delta { part, text } => feed.send(|| RunEvent::NodeDelta {
                node: Arc::clone(&name),
                kind: kinds.get(*part as usize).copied().unwrap_or(DeltaKind::Text),
                text: text.clone(),
            }),
            _ => {}
        }
        response.add(event);
    }
    Ok(response)
}

/// The node's prompt; one that names nothing upstream gets all of it as context.
pub(super) fn prompt(context: &Context, index: NodeIndex, node: &PlanNode) -> Result<String> {
    let mut prompt = match &node.template {
        Some(template) => context.run.render(template)?,
        None => String::new(),
    };
    if node.template.as_ref().is_none_or(|template| !template.has_variables()) {
        add_upstream(&mut prompt, context, index);
    }
    Ok(prompt)
}

fn request(context: &Context, index: NodeIndex, node: &PlanNode, agent: &Agent) -> Result<Request> {
    let mut settings = Settings::default();
    settings.temperature = agent.temperature;
    settings.max_tokens = agent.max_tokens;
    let mut request = Request::prompt(prompt(context, index, node)?).settings(settings);
    request.model.clone_from(&agent.model);
    request.output = agent.output.clone().map(OutputSchema::new);
    Ok(match &node.system_template {
        Some(template) => request.system(context.run.render(template)?),
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
