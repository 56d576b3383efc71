//! Replies → events, whole or line by line.

use graphbit_core::{Error, Result};
use serde_json::{Map, Value};

use super::explain;
use super::wire::{Reply, Turn};
use crate::framing::Frame;
use crate::protocol::lenient::{json_text, object};
use crate::protocol::logprobs;
use crate::protocol::{Decoder, Emitter, foreign};
use crate::{FinishReason, Usage};

pub(super) fn decode(body: &[u8], out: &mut Emitter) -> Result<()> {
    let reply: Reply<'_> = object(body).map_err(|error| corrupt(body).caused_by(error))?;
    if says_nothing(&reply) {
        return Err(corrupt(body));
    }
    read(&reply, out)?;
    if !out.is_finished() {
        out.finish(FinishReason::Other, "");
    }
    Ok(())
}

/// The lines of a stream carry all state themselves.
pub(super) struct StreamDecoder;

impl Decoder for StreamDecoder {
    fn frame(&mut self, frame: &Frame, out: &mut Emitter) -> Result<()> {
        let reply: Reply<'_> = match object(&frame.data) {
            Ok(reply) => reply,
            // The connection broke inside this line: that is a truncated stream, not a corrupt one.
            Err(_) if !frame.terminated => return Ok(()),
            Err(error) => return Err(corrupt(&frame.data).caused_by(error)),
        };
        if says_nothing(&reply) {
            out.unknown(&frame.data);
            return Ok(());
        }
        read(&reply, out)?;
        if reply.done.is_set() {
            out.close();
        }
        Ok(())
    }
}

fn says_nothing(reply: &Reply<'_>) -> bool {
    reply.message.0.is_none()
        && reply.response.get().is_none()
        && !reply.done.is_set()
        && reply.error.is_none()
}

fn read(reply: &Reply<'_>, out: &mut Emitter) -> Result<()> {
    if let Some(error) = reply.error {
        return Err(explain::inside_success(error.get()));
    }
    out.start(None, reply.model.get());
    if let Some(turn) = &reply.message.0 {
        read_turn(turn, out);
    }
    out.reasoning(reply.thinking.as_str());
    out.text(reply.response.as_str());
    out.logprobs(logprobs::read(reply.logprobs));
    if reply.done.is_set() {
        if let Some(usage) = usage(reply) {
            out.usage(usage);
        }
        let raw = reply.done_reason.as_str();
        out.finish(
            match raw {
                // Calls end with "stop"; servers of before 2024 give no reason at all.
                "stop" | "" if out.has_tool_calls() => FinishReason::ToolCalls,
                "stop" | "" => FinishReason::Stop,
                "length" => FinishReason::Length,
                _ => FinishReason::Other, // "load" and "unload" answer a request without a prompt
            },
            raw,
        );
    }
    Ok(())
}

fn read_turn(turn: &Turn<'_>, out: &mut Emitter) {
    out.reasoning(turn.thinking.as_str());
    out.text(turn.content.as_str());
    for call in &turn.tool_calls.0 {
        let Some(function) = &call.function.0 else { continue };
        // No slot: old servers number every call 0, and each comes whole, with its name.
        out.tool_call(None, call.id.get(), function.name.get(), &json_text(function.arguments));
    }
}

/// The counts stand among the reply's own members; times are in nanoseconds.
fn usage(reply: &Reply<'_>) -> Option<Usage> {
    let (input, output) = (reply.prompt_eval_count.0, reply.eval_count.0);
    let members = [
        ("prompt_eval_count", input),
        ("eval_count", output),
        ("total_duration", reply.total_duration.0),
        ("load_duration", reply.load_duration.0),
        ("prompt_eval_duration", reply.prompt_eval_duration.0),
        ("eval_duration", reply.eval_duration.0),
    ];
    input.or(output)?;
    let raw: Map<String, Value> =
        members.into_iter().filter_map(|(name, number)| Some((name.to_owned(), number?.into()))).collect();
    let mut usage = Usage::new(input, output);
    usage.raw = Value::Object(raw).into();
    Some(usage)
}

fn corrupt(body: &[u8]) -> Error {
    foreign("Ollama's chat JSON", body)
}
