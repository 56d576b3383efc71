//! Answers of a given form: whatever the vendor promises, the value is checked; a whole reply that does not fit is repaired
//! once, by showing the model what was wrong.

#[cfg(test)]
mod tests;

use futures_util::StreamExt;
use graphbit_core::{Error, ErrorCode, Result, Schema};
use serde_json::Value;

use crate::{Event, EventStream, Message, Model, OutputSchema, Request, Response, Usage};

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
    second.usage = Usage::together(first.usage, second.usage);
    checked(&schema, second).map_err(|faults| {
        let (reply, faults) = *faults;
        unfit(&faults).with_partial(reply.into_partial())
    })
}

/// The events of a reply whose text is checked at its end: what has been handed on cannot be repaired, so one that does not
/// fit ends with `OUTPUT`. Of the events, what the check needs is kept, and no more.
pub(crate) fn stream(events: EventStream, output: &OutputSchema) -> Result<EventStream> {
    let (schema, mut reply) = (compile(output)?, Response::default());
    Ok(Box::pin(events.map(move |event| {
        let event = event?;
        if let Event::Logprobs(_) | Event::Signature { .. } | Event::Unknown(_) = event {
            return Ok(event);
        }
        let ends = matches!(event, Event::Finished { .. });
        reply.add(event.clone());
        reply.reasoning.clear();
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
    match bare(schema, &reply.text) {
        Err(faults) => Err(Box::new((reply, faults))),
        Ok(bare) => {
            if bare.len() < reply.text.len() {
                let bare = bare.to_owned();
                reply.replace_text(bare);
            }
            Ok(reply)
        }
    }
}

/// The JSON of a text: all of it, else what stands within a Markdown fence, else from the first bracket to the last, between
/// words of the model's. The first of these that fits holds; the faults are those of the first that is JSON.
fn bare<'a>(schema: &Schema, text: &'a str) -> std::result::Result<&'a str, Vec<String>> {
    let text = text.trim();
    let (mut unfit, mut not_json) = (None, None);
    for json in [Some(text), fenced(text), bracketed(text)].into_iter().flatten() {
        match serde_json::from_str::<Value>(json).map(|value| schema.faults(&value)) {
            Ok(faults) if faults.is_empty() => return Ok(json),
            Ok(faults) => _ = unfit.get_or_insert(faults),
            Err(error) => _ = not_json.get_or_insert_with(|| vec![format!("it is not JSON: {error}")]),
        }
    }
    Err(unfit.or(not_json).unwrap_or_default())
}

/// What stands in the first fence, without the name of its language.
fn fenced(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("```")?;
    let inner = rest.split_once("```").map_or(rest, |(inner, _)| inner);
    let language = inner.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(0);
    // A value alone may look like one, as `true` does: a language is followed by its lines.
    let named = inner
        .get(language..)
        .filter(|rest| rest.starts_with(|c: char| c.is_whitespace() || "{[\"".contains(c)));
    Some(named.filter(|rest| !rest.trim().is_empty()).unwrap_or(inner).trim())
}

fn bracketed(text: &str) -> Option<&str> {
    text.get(text.find(['{', '['])?..=text.rfind(['}', ']'])?)
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
