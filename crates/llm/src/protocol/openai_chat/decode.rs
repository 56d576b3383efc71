//! Replies → events, whole or chunk by chunk. Only the first choice is read: we never ask for more.

use std::borrow::Cow;

use graphbit_core::{Error, ErrorCode, Result};
use http::HeaderMap;
use serde_json::Value;
use serde_json::value::RawValue;

use super::explain;
use super::wire::{Choice, Content, Part, Reply, Text, Turn};
use crate::framing::Frame;
use crate::protocol::{Decoder, Emitter, excerpt};
use crate::{FinishReason, Usage};

/// A count of tokens is a few hundred bytes; more of it is no count.
const USAGE_BYTES: usize = 64 << 10;

pub(super) fn decode(body: &[u8], out: &mut Emitter) -> Result<()> {
    let reply: Reply<'_> = serde_json::from_slice(body).map_err(|error| corrupt(body, error))?;
    if reply.choices.as_ref().is_none_or(|choices| choices.is_empty) && present(reply.error).is_none() {
        return Err(Error::new(
            ErrorCode::Protocol,
            format!(
                "the reply has no choices; is baseUrl a chat completions server? It begins: {}",
                excerpt(body)
            ),
        ));
    }
    read(&reply, out)?;
    if !out.is_finished() {
        out.finish(FinishReason::Other, "");
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
                out.finish(
                    if out.has_tool_calls() { FinishReason::ToolCalls } else { FinishReason::Stop },
                    "",
                );
            }
            out.close();
            return Ok(());
        }
        let reply: Reply<'_> = match serde_json::from_slice(data) {
            Ok(reply) => reply,
            // The connection broke inside this frame: that is a truncated stream, not a corrupt one.
            Err(_) if !frame.terminated => return Ok(()),
            Err(error) => return Err(corrupt(data, error)),
        };
        if reply.choices.is_none() && reply.usage.is_none() && present(reply.error).is_none() {
            if frame.name.as_deref() == Some(b"error") {
                return Err(explain::inside_success(&String::from_utf8_lossy(data), &HeaderMap::new()));
            }
            out.unknown(data);
            return Ok(());
        }
        read(&reply, out)
    }
}

fn read(reply: &Reply<'_>, out: &mut Emitter) -> Result<()> {
    out.start(reply.id.as_deref(), reply.model.as_deref());
    if let Some(usage) = present(reply.usage).and_then(usage) {
        out.usage(usage);
    }
    let first = reply.choices.as_ref().and_then(|choices| choices.first.as_ref());
    if let Some(choice) = first {
        read_choice(choice, out);
    }
    match present(reply.error).or_else(|| present(first?.error)) {
        Some(error) => Err(explain::inside_success(error, &HeaderMap::new())),
        None => Ok(()),
    }
}

fn read_choice(choice: &Choice<'_>, out: &mut Emitter) {
    if let Some(turn) = choice.delta.as_ref().or(choice.message.as_ref()) {
        read_turn(turn, out);
    }
    if let Some(raw) = choice.finish_reason.as_deref().filter(|raw| !raw.is_empty()) {
        let reason = match raw {
            // A forced tool call ends with "stop" although the tools are the answer.
            "stop" | "eos" | "eos_token" | "end_turn" if out.has_tool_calls() => FinishReason::ToolCalls,
            "stop" | "eos" | "eos_token" | "end_turn" => FinishReason::Stop,
            "length" | "model_length" | "max_tokens" => FinishReason::Length,
            "tool_calls" | "tool_call" | "function_call" => FinishReason::ToolCalls,
            "content_filter" => FinishReason::ContentFilter,
            _ => FinishReason::Other,
        };
        out.finish(reason, raw);
    }
}

fn read_turn(turn: &Turn<'_>, out: &mut Emitter) {
    match turn.reasoning_content.as_deref().filter(|text| !text.is_empty()) {
        Some(text) => out.reasoning(text),
        // Elsewhere a switch or a list of details has this name.
        None => {
            if let Some(Content::Text(text)) = &turn.reasoning {
                out.reasoning(text);
            }
        }
    }
    if let Some(content) = &turn.content {
        read_content(content, out);
    }
    if let Some(refusal) = &turn.refusal {
        out.refusal(refusal);
    }
    for call in turn.tool_calls.iter().flat_map(|calls| &calls.0) {
        let (name, arguments) = match &call.function {
            Some(function) => (function.name.as_deref(), present(function.arguments)),
            None => (None, None),
        };
        let text =
            arguments.map(|raw| serde_json::from_str(raw).map_or(Cow::Borrowed(raw), |Text(text)| text));
        out.tool_call(call.index, call.id.as_deref(), name, text.as_deref().unwrap_or(""));
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

/// `null` counts as absent.
fn present(raw: Option<&RawValue>) -> Option<&str> {
    raw.map(RawValue::get).filter(|text| *text != "null")
}

fn usage(raw: &str) -> Option<Usage> {
    if raw.len() > USAGE_BYTES {
        return None;
    }
    let raw: Value = serde_json::from_str(raw).ok().filter(Value::is_object)?;
    let number = |value: &Value, name: &str| value.get(name).and_then(Value::as_u64);
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
