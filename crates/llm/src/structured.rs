//! Answers of a given form: whatever the vendor promises, the value is checked; a whole reply that does not fit is repaired
//! once, by showing the model what was wrong.

#[cfg(test)]
mod tests;

use futures_util::StreamExt;
use graphbit_core::{Error, ErrorCode, Result, Schema};
use serde_json::Value;

use crate::{Event, EventStream, Message, Model, OutputSchema, Request, Response};

/// The most of a reply that the model is shown again.
const SHOWN: usize = 32 << 10;

/// Asks for a reply whose text is JSON of the form that the request names, without anything around it. A reply that calls
/// tools, declines, or was cut or filtered is given as it is.
pub(crate) async fn complete(model: &dyn Model, request: Request, output: OutputSchema) -> Result<Response> {
    let schema = compile(&output)?;
    let first = Response::collect(model.stream(request.clone()).await?).await?;
    let faults = match checked(&schema, first) {
        Ok(reply) => return Ok(reply),
        Err(faults) => faults,
    };
    let mut again = request;
    let (first, faults) = *faults;
    again.messages.push(said(&first.text));
    again.messages.push(Message::user(format!(
        "That answer does not fit the schema:\n{}\nAnswer again with one JSON value that fits it, and with nothing else.",
        faults.join("\n")
    )));
    let mut second = Response::collect(model.stream(again).await?).await?;
    second.usage = match (first.usage, second.usage.take()) {
        (Some(mut usage), Some(next)) => {
            usage.add(next);
            Some(usage)
        }
        (usage, next) => usage.or(next),
    };
    checked(&schema, second).map_err(|faults| {
        let (reply, faults) = *faults;
        unfit(&faults).with_partial(reply.into_partial())
    })
}

/// The events of a reply whose text is checked at its end: what has been handed on cannot be repaired, so one that does not
/// fit ends with `OUTPUT`.
pub(crate) fn stream(events: EventStream, output: &OutputSchema) -> Result<EventStream> {
    let (schema, mut reply) = (compile(output)?, Response::default());
    Ok(Box::pin(events.map(move |event| {
        let event = event?;
        let ends = matches!(event, Event::Finished { .. });
        reply.add(event.clone());
        match ends.then(|| checked(&schema, std::mem::take(&mut reply))) {
            Some(Err(faults)) => {
                let (reply, faults) = *faults;
                Err(unfit(&faults).with_partial(reply.into_partial()))
            }
            _ => Ok(event),
        }
    })))
}

fn compile(output: &OutputSchema) -> Result<Schema> {
    Schema::compile(&output.schema).map_err(|error| {
        Error::invalid_input(format!("the schema of output cannot be used: {}", error.message()))
    })
}

/// The reply with its text freed of what models put around JSON, or what is wrong with it.
fn checked(
    schema: &Schema,
    mut reply: Response,
) -> std::result::Result<Response, Box<(Response, Vec<String>)>> {
    use crate::FinishReason::{ContentFilter, Length, ToolCalls};
    let unanswered = matches!(reply.finish_reason, Some(ContentFilter | Length | ToolCalls));
    if unanswered || !reply.refusal.is_empty() {
        return Ok(reply);
    }
    let bare = bare(&reply.text);
    let faults = match serde_json::from_str::<Value>(bare) {
        Ok(value) => schema.faults(&value),
        Err(error) => vec![format!("it is not JSON: {error}")],
    };
    if !faults.is_empty() {
        return Err(Box::new((reply, faults)));
    }
    if bare.len() < reply.text.len() {
        let bare = bare.to_owned();
        reply.replace_text(bare);
    }
    Ok(reply)
}

/// JSON without the white space or the Markdown fence around it.
fn bare(text: &str) -> &str {
    let text = text.trim();
    let fenced = text.strip_prefix("```").and_then(|text| text.strip_suffix("```"));
    fenced.map_or(text, |inner| inner.trim_start_matches(|c: char| c.is_ascii_alphanumeric()).trim())
}

/// The reply before, no longer than it helps.
fn said(text: &str) -> Message {
    let mut end = text.len().min(SHOWN);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let shown = text.get(..end).filter(|shown| !shown.trim().is_empty()); // vendors refuse an empty turn
    Message::assistant(shown.unwrap_or("(nothing)"))
}

fn unfit(faults: &[String]) -> Error {
    Error::new(
        ErrorCode::Output,
        format!(
            "the answer does not fit the schema of output ({}); simplify the schema, say in the prompt what is wanted, or take a stronger model",
            faults.join("; ")
        ),
    )
}
