//! Replies → events, whole or event by event. The usage comes after the reason to stop.

use graphbit_core::{Error, Result};
use serde_json::value::RawValue;

use super::wire::{Block, Event, Reasoning, Reply};
use super::{explain, reasoning};
use crate::framing::Frame;
use crate::protocol::lenient::{Counts, json_text, object};
use crate::protocol::{Decoder, Emitter, foreign};
use crate::{FinishReason, Usage};

pub(super) fn decode(body: &[u8], out: &mut Emitter) -> Result<()> {
    let reply: Reply<'_> = object(body).map_err(|error| corrupt(body).caused_by(error))?;
    let Some(output) = &reply.output.0 else {
        return Err(explain::inside_success(body).unwrap_or_else(|| corrupt(body)));
    };
    for (at, block) in (0..).zip(output.message.0.iter().flat_map(|message| &message.content.0)) {
        read_block(Some(at), block, out);
    }
    read_usage(reply.usage, out);
    finish(reply.stop_reason.as_str(), out);
    Ok(())
}

/// The events of a stream carry all state themselves.
pub(super) struct StreamDecoder;

impl Decoder for StreamDecoder {
    fn frame(&mut self, frame: &Frame, out: &mut Emitter) -> Result<()> {
        let name = frame.name.as_deref().unwrap_or_default();
        if name == b"error" || name.ends_with(b"Exception") {
            return Err(explain::inside_stream(name, &frame.data));
        }
        match name {
            b"contentBlockStart" | b"contentBlockDelta" => {
                let event = read(frame)?;
                if let Some(block) = event.start.0.as_ref().or(event.delta.0.as_ref()) {
                    read_block(event.content_block_index.0, block, out);
                }
            }
            b"contentBlockStop" => out.end_tool_call(read(frame)?.content_block_index.0),
            b"messageStop" => finish(read(frame)?.stop_reason.as_str(), out),
            b"metadata" => {
                read_usage(read(frame)?.usage, out);
                if out.is_finished() {
                    out.close(); // nothing follows
                }
            }
            b"messageStart" => {}
            _ => out.unknown(&frame.data),
        }
        Ok(())
    }
}

fn read<'a>(frame: &'a Frame) -> Result<Event<'a>> {
    object(&frame.data).map_err(|error| corrupt(&frame.data).caused_by(error))
}

fn read_block(index: Option<u64>, block: &Block<'_>, out: &mut Emitter) {
    if let Some(reasoning) = &block.reasoning_content.0 {
        read_reasoning(reasoning, out);
    }
    out.text(block.text.as_str());
    for said in block.citations_content.0.iter().flat_map(|cited| &cited.content.0) {
        out.text(said.text.as_str());
    }
    if let Some(call) = &block.tool_use.0 {
        let (id, name, arguments) = (call.tool_use_id.get(), call.name.get(), json_text(call.input));
        if call.is_served() {
            out.provider_call(index, id, name, &arguments);
        } else {
            out.tool_call(index, id, name, &arguments);
        }
    }
}

fn read_reasoning(block: &Reasoning<'_>, out: &mut Emitter) {
    let whole = block.reasoning_text.0.as_ref();
    out.reasoning(block.text.as_str());
    out.reasoning(whole.map_or("", |said| said.text.as_str()));
    if let Some(signature) = block.signature.some().or_else(|| whole?.signature.some()) {
        out.sign_reasoning(reasoning::signed(signature));
    }
    if let Some(cipher) = block.redacted_content.some() {
        out.sign_reasoning(reasoning::hidden(cipher));
    }
}

fn finish(raw: &str, out: &mut Emitter) {
    let reason = match raw {
        // Some models end with "end_turn" although tools are the answer.
        "end_turn" | "stop_sequence" if out.has_tool_calls() => FinishReason::ToolCalls,
        "end_turn" | "stop_sequence" => FinishReason::Stop,
        "tool_use" => FinishReason::ToolCalls,
        "max_tokens" | "model_context_window_exceeded" => FinishReason::Length,
        "guardrail_intervened" | "content_filtered" => FinishReason::ContentFilter,
        _ => FinishReason::Other,
    };
    out.finish(reason, raw);
}

/// What was read from or written to the cache is not part of `inputTokens`.
fn read_usage(raw: Option<&RawValue>, out: &mut Emitter) {
    let Some(counts) = Counts::read(raw) else { return };
    let mut usage = Usage::new(counts.at(&["inputTokens"]), counts.at(&["outputTokens"]));
    usage.cached = counts.at(&["cacheReadInputTokens"]);
    usage.cache_write = counts.at(&["cacheWriteInputTokens"]);
    let (cached, written) = (usage.cached, usage.cache_write);
    usage.raw = counts.raw();
    out.usage(usage.also_read(cached).also_read(written));
}

fn corrupt(body: &[u8]) -> Error {
    foreign("Converse JSON", body)
}
