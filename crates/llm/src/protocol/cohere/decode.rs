//! Replies → events, whole or event by event.

mod logprobs;

use graphbit_core::{Error, Result};
use serde_json::value::RawValue;

use super::explain;
use super::wire::{Event, Message, Reply};
use crate::framing::Frame;
use crate::protocol::lenient::{Counts, json_text, object};
use crate::protocol::{Decoder, Emitter, foreign};
use crate::{FinishReason, Usage};

pub(super) fn decode(body: &[u8], out: &mut Emitter) -> Result<()> {
    let reply: Reply<'_> = object(body).map_err(|error| corrupt(body).caused_by(error))?;
    let Some(message) = &reply.message.0 else {
        return Err(explain::inside_success(body).unwrap_or_else(|| corrupt(body)));
    };
    out.start(reply.id.get(), None);
    read_message(None, message, out);
    out.logprobs(logprobs::read(reply.logprobs));
    finish(&reply, out)
}

/// The events of a stream carry all state themselves.
pub(super) struct StreamDecoder;

impl Decoder for StreamDecoder {
    fn frame(&mut self, frame: &Frame, out: &mut Emitter) -> Result<()> {
        let data = frame.data.trim_ascii();
        if data == b"[DONE]" {
            return Ok(()); // follows the end of some replies and says no more
        }
        let event: Event<'_> = match object(data) {
            Ok(event) => event,
            // The connection broke inside this event: that is a truncated stream, not a corrupt one.
            Err(_) if !frame.terminated => return Ok(()),
            Err(error) => return Err(corrupt(data).caused_by(error)),
        };
        let named = frame.name.as_deref().unwrap_or_default();
        let kind = event.kind.get().map_or(named, str::as_bytes);
        let delta = event.delta.0.as_ref();
        match kind {
            b"message-start" => out.start(event.id.get(), None),
            b"content-start" | b"content-delta" | b"tool-call-start" | b"tool-call-delta" => {
                if let Some(message) = delta.and_then(|delta| delta.message.0.as_ref()) {
                    read_message(event.index.0, message, out);
                }
                out.logprobs(logprobs::read(event.logprobs));
            }
            b"message-end" => {
                delta.map_or_else(|| Err(corrupt(data)), |delta| finish(delta, out))?;
                out.close();
            }
            b"tool-call-end" => out.end_tool_call(event.index.0),
            b"content-end" | b"tool-plan-delta" | b"citation-start" | b"citation-end" => {}
            _ if event.message.get().is_some() => {
                return Err(explain::inside_success(data).unwrap_or_else(|| corrupt(data)));
            }
            _ => out.unknown(data),
        }
        Ok(())
    }
}

fn read_message(slot: Option<u64>, message: &Message<'_>, out: &mut Emitter) {
    for part in &message.content.0 {
        out.reasoning(part.thinking.as_str());
        out.text(part.text.as_str());
    }
    for (at, call) in (0..).zip(&message.tool_calls.0) {
        let function = call.function.0.as_ref();
        let name = function.and_then(|function| function.name.get());
        let arguments = json_text(function.and_then(|function| function.arguments));
        out.tool_call(slot.or(Some(at)), call.id.get(), name, &arguments);
    }
}

fn finish(end: &Reply<'_>, out: &mut Emitter) -> Result<()> {
    read_usage(end.usage, out);
    let raw = end.finish_reason.as_str();
    if raw == "ERROR" || end.error.get().is_some_and(|error| !error.is_empty()) {
        return Err(explain::failed(raw, end.error.as_str()));
    }
    let reason = match raw {
        "COMPLETE" | "STOP_SEQUENCE" if out.has_tool_calls() => FinishReason::ToolCalls,
        "COMPLETE" | "STOP_SEQUENCE" => FinishReason::Stop,
        "TOOL_CALL" => FinishReason::ToolCalls,
        "MAX_TOKENS" => FinishReason::Length,
        _ => FinishReason::Other, // such as TIMEOUT
    };
    out.finish(reason, raw);
    Ok(())
}

/// `tokens` are what the model read and wrote; `billed_units`, which leave some of them out, stay in the raw object, and so
/// does a count of thinking that only some models have.
fn read_usage(raw: Option<&RawValue>, out: &mut Emitter) {
    let Some(counts) = Counts::read(raw) else { return };
    let mut usage =
        Usage::new(counts.at(&["tokens", "input_tokens"]), counts.at(&["tokens", "output_tokens"]));
    usage.cached = counts.at(&["cached_tokens"]);
    usage.raw = counts.raw();
    out.usage(usage);
}

fn corrupt(body: &[u8]) -> Error {
    foreign("Cohere's chat JSON", body)
}
