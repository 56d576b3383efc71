//! Replies → events, whole or chunk by chunk. Only the first choice is read: we never ask for more.

use std::borrow::Cow;

use graphbit_core::{Error, ErrorCode, Result};
use serde::de::{Error as _, IgnoredAny};
use serde_json::Value;
use serde_json::value::RawValue;

use super::explain;
use super::lenient::{Content, Number, Object, Text, whole};
use super::wire::{Function, Kind, Part, Reply, Turn};
use crate::framing::Frame;
use crate::protocol::{Decoder, Emitter, excerpt};
use crate::{FinishReason, Usage};

/// A count of tokens is a few hundred bytes; more of it is no count.
const USAGE_BYTES: usize = 64 << 10;

pub(super) fn decode(body: &[u8], out: &mut Emitter) -> Result<()> {
    let reply: Reply<'_> = serde_json::from_slice(body).map_err(|error| corrupt(body, error))?;
    if reply.choices.as_ref().is_none_or(|choices| choices.is_empty) && present(reply.error).is_none() {
        return Err(if is_error(body) {
            explain::inside_success(&String::from_utf8_lossy(body))
        } else {
            Error::new(
                ErrorCode::Protocol,
                format!(
                    "the reply has no choices; is baseUrl a chat completions server? It begins: {}",
                    excerpt(body)
                ),
            )
        });
    }
    let choice = reply.choices.as_ref().and_then(|choices| choices.choice.as_ref());
    // Perplexity sends an empty delta beside the message.
    let turn = choice.and_then(|choice| turn(&choice.message).or_else(|| turn(&choice.delta)));
    read(&reply, turn, out)?;
    if !out.is_finished() {
        match choice.and_then(|choice| choice.finish_reason.as_deref()) {
            Some(_) => out.finish(FinishReason::Other, ""),
            None => out.finish(FinishReason::Stop, ""),
        }
    }
    Ok(())
}

/// The chunks of a stream carry all state themselves.
pub(super) struct StreamDecoder;

impl Decoder for StreamDecoder {
    fn frame(&mut self, frame: &Frame, out: &mut Emitter) -> Result<()> {
        let data = frame.data.trim_ascii();
        if data == b"[DONE]" {
            if !out.is_finished() {
                out.finish(FinishReason::Stop, "");
            }
            out.close();
            return Ok(());
        }
        let named_error = frame.name.as_deref() == Some(b"error");
        let reply: Reply<'_> = match data.first() {
            None => return Ok(()), // keeps the connection alive
            Some(b'{') => match serde_json::from_slice(data) {
                Ok(reply) => reply,
                // The connection broke inside this frame: that is a truncated stream, not a corrupt one.
                Err(_) if !frame.terminated => return Ok(()),
                Err(error) => return Err(corrupt(data, error)),
            },
            Some(_) if named_error => return Err(explain::inside_success(&String::from_utf8_lossy(data))),
            Some(_) if serde_json::from_slice::<IgnoredAny>(data).is_ok() => {
                out.unknown(data);
                return Ok(());
            }
            Some(_) if !frame.terminated => return Ok(()),
            Some(_) => return Err(corrupt(data, serde_json::Error::custom("expected a JSON object"))),
        };
        let no_error = present(reply.error).is_none();
        let says_nothing = reply.choices.is_none() && reply.usage.is_none() && no_error;
        if (named_error && no_error) || (says_nothing && is_error(data)) {
            return Err(explain::inside_success(&String::from_utf8_lossy(data)));
        }
        if says_nothing {
            out.unknown(data);
            return Ok(());
        }
        let choice = reply.choices.as_ref().and_then(|choices| choices.choice.as_ref());
        // Perplexity sends the whole message so far beside each delta.
        let turn = choice.and_then(|choice| turn(&choice.delta).or_else(|| turn(&choice.message)));
        read(&reply, turn, out)
    }
}

/// Whether an object that holds nothing else says that it is an error: `{"object": "error", "message": …}`.
fn is_error(body: &[u8]) -> bool {
    serde_json::from_slice::<Kind<'_>>(body).is_ok_and(|kind| kind.object.as_deref() == Some("error"))
}

fn turn<'a, 'b>(turn: &'b Option<Object<Turn<'a>>>) -> Option<&'b Turn<'a>> {
    turn.as_ref()?.0.as_ref()
}

fn read(reply: &Reply<'_>, turn: Option<&Turn<'_>>, out: &mut Emitter) -> Result<()> {
    out.start(reply.id.as_deref(), reply.model.as_deref());
    let groq = || reply.x_groq.as_ref()?.0.as_ref()?.usage;
    if let Some(usage) = present(reply.usage).or_else(|| present(groq())).and_then(usage) {
        out.usage(usage);
    }
    if let Some(turn) = turn {
        read_turn(turn, out);
    }
    let choice = reply.choices.as_ref().and_then(|choices| choices.choice.as_ref());
    if let Some(raw) = choice.and_then(|choice| choice.finish_reason.as_deref()).filter(|raw| !raw.is_empty())
    {
        let reason = match raw {
            "stop" | "eos" | "eos_token" | "end_turn" => FinishReason::Stop,
            "length" | "model_length" | "max_tokens" => FinishReason::Length,
            "tool_calls" | "tool_call" | "function_call" => FinishReason::ToolCalls,
            "content_filter" => FinishReason::ContentFilter,
            _ => FinishReason::Other,
        };
        out.finish(reason, raw);
    }
    match present(reply.error).or_else(|| present(choice?.error)) {
        Some(error) => Err(explain::inside_success(error)),
        None => Ok(()),
    }
}

fn read_turn(turn: &Turn<'_>, out: &mut Emitter) {
    read_reasoning(turn, out);
    if let Some(content) = &turn.content {
        read_content(content, out);
    }
    if let Some(refusal) = &turn.refusal {
        out.refusal(refusal);
    }
    for call in turn.tool_calls.iter().flat_map(|calls| &calls.0).filter_map(|call| call.0.as_ref()) {
        let function = [&call.function, &call.custom].into_iter().find_map(|one| one.as_ref()?.0.as_ref());
        let slot = call.index.and_then(|Number(index)| index);
        read_call(slot, call.id.as_deref(), function, out);
    }
    // Snowflake sends an empty one beside every answer.
    let legacy = turn.function_call.as_ref().and_then(|call| call.0.as_ref());
    if let Some(function) = legacy.filter(|function| function.is_call()) {
        read_call(None, None, Some(function), out);
    }
}

/// The same text may come under two names: the first that has any counts.
fn read_reasoning(turn: &Turn<'_>, out: &mut Emitter) {
    let reasoning = match &turn.reasoning {
        Some(Content::Text(text)) => Some(&**text),
        _ => None,
    };
    let plain = [turn.reasoning_content.as_deref(), reasoning];
    if let Some(text) = plain.into_iter().flatten().find(|text| !text.is_empty()) {
        return out.reasoning(text);
    }
    let details = turn.reasoning_details.iter().flat_map(|details| &details.0);
    for detail in details.filter_map(|detail| detail.0.as_ref()) {
        let texts = [detail.text.as_deref(), detail.summary.as_deref()];
        out.reasoning(texts.into_iter().flatten().find(|text| !text.is_empty()).unwrap_or(""));
    }
}

fn read_call(slot: Option<u64>, id: Option<&str>, function: Option<&Function<'_>>, out: &mut Emitter) {
    let name = function.and_then(|function| function.name.as_deref());
    out.tool_call(slot, id, name, &function.map(Function::text).unwrap_or_default());
}

impl Function<'_> {
    /// The arguments as text: the string's, or the JSON that stands in its place.
    fn text(&self) -> Cow<'_, str> {
        let raw = self.arguments.or(self.input).map(RawValue::get).filter(|raw| *raw != "null");
        let Some(raw) = raw else { return Cow::Borrowed("") };
        if raw.starts_with('"') {
            return serde_json::from_str(raw).map_or(Cow::Borrowed(raw), |Text(text)| text);
        }
        Cow::Borrowed(raw)
    }

    fn is_call(&self) -> bool {
        self.name.as_deref().is_some_and(|name| !name.is_empty()) || !self.text().is_empty()
    }
}

fn read_content(content: &Content<'_>, out: &mut Emitter) {
    match content {
        Content::Text(text) => out.text(text),
        Content::Parts(parts) => parts.iter().for_each(|part| read_content(part, out)),
        Content::Part(part) => read_part(part, out),
        Content::Other => {}
    }
}

fn read_part(part: &Part<'_>, out: &mut Emitter) {
    match part.kind.as_deref() {
        Some("text" | "output_text") => out.text(part.text.as_deref().unwrap_or("")),
        Some("refusal") => out.refusal(part.refusal.as_deref().unwrap_or("")),
        Some("thinking") => match part.thinking.as_deref() {
            Some(Content::Text(text)) => out.reasoning(text),
            Some(Content::Parts(parts)) => {
                for part in parts {
                    if let Content::Part(part) = part {
                        out.reasoning(part.text.as_deref().unwrap_or(""));
                    }
                }
            }
            _ => {}
        },
        _ => {}
    }
}

/// `null` counts as absent, and so does whatever else says that there is nothing.
fn present(raw: Option<&RawValue>) -> Option<&str> {
    raw.map(RawValue::get).filter(|text| !matches!(*text, "null" | "false" | "\"\"" | "{}" | "[]"))
}

fn usage(raw: &str) -> Option<Usage> {
    if raw.len() > USAGE_BYTES {
        return None;
    }
    let raw: Value = serde_json::from_str(raw).ok().filter(Value::is_object)?;
    let number = |value: &Value, name: &str| {
        let value = value.get(name)?;
        value.as_u64().or_else(|| whole(value.as_f64()?))
    };
    let detail = |group: &str, name: &str| raw.get(group).and_then(|group| number(group, name));
    Some(Usage {
        input: number(&raw, "prompt_tokens"),
        output: number(&raw, "completion_tokens"),
        cached: detail("prompt_tokens_details", "cached_tokens")
            .or_else(|| number(&raw, "prompt_cache_hit_tokens"))
            .or_else(|| number(&raw, "cached_tokens"))
            .or_else(|| number(&raw, "num_cached_tokens")),
        reasoning: detail("completion_tokens_details", "reasoning_tokens")
            .or_else(|| number(&raw, "reasoning_tokens")),
        raw,
    })
}

fn corrupt(body: &[u8], error: serde_json::Error) -> Error {
    Error::new(
        ErrorCode::Protocol,
        format!(
            "the server sent something else than chat completions JSON; is baseUrl right? It begins: {}",
            excerpt(body)
        ),
    )
    .caused_by(error)
}
