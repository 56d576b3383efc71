//! Replies → events, whole or event by event. The usage comes after the reason to stop.

use graphbit_core::{Error, ErrorCode, Result};
use serde_json::value::RawValue;

use super::wire::{Block, Event, Reasoning, Reply};
use super::{explain, reasoning};
use crate::framing::Frame;
use crate::protocol::lenient::{Counts, json_text, object};
use crate::protocol::{Decoder, Emitter, MOST_CALLS, foreign};
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

/// Keeps which blocks are calls that Bedrock makes itself: their arguments are nobody's.
#[derive(Default)]
pub(super) struct StreamDecoder {
    served: Vec<u64>,
}

impl Decoder for StreamDecoder {
    fn frame(&mut self, frame: &Frame, out: &mut Emitter) -> Result<()> {
        let name = frame.name.as_deref().unwrap_or_default();
        if name == b"error" || name.ends_with(b"Exception") {
            return Err(explain::inside_stream(name, &frame.data));
        }
        match name {
            b"contentBlockStart" => self.start(&read(frame)?, out)?,
            b"contentBlockDelta" => {
                let event = read(frame)?;
                let index = event.content_block_index.0;
                if let Some(delta) = event.delta.0
                    && !index.is_some_and(|index| self.served.contains(&index))
                {
                    read_block(index, &delta, out);
                }
            }
            b"contentBlockStop" => {
                let index = read(frame)?.content_block_index.0;
                self.served.retain(|served| Some(*served) != index);
            }
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

impl StreamDecoder {
    fn start(&mut self, event: &Event<'_>, out: &mut Emitter) -> Result<()> {
        let (index, Some(block)) = (event.content_block_index.0, &event.start.0) else { return Ok(()) };
        match (index, &block.tool_use.0) {
            (Some(index), Some(call)) if call.is_served() => {
                if self.served.len() >= MOST_CALLS {
                    return Err(Error::new(
                        ErrorCode::Protocol,
                        format!("the reply calls more than {MOST_CALLS} of Bedrock's own tools at once"),
                    ));
                }
                self.served.push(index);
            }
            _ => read_block(index, block, out),
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
    if let Some(call) = block.tool_use.0.as_ref().filter(|call| !call.is_served()) {
        out.tool_call(index, call.tool_use_id.get(), call.name.get(), &json_text(call.input));
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
    let mut usage = Usage::new(counts.at("/inputTokens"), counts.at("/outputTokens"));
    usage.cached = counts.at("/cacheReadInputTokens");
    usage.cache_write = counts.at("/cacheWriteInputTokens");
    let (cached, written) = (usage.cached, usage.cache_write);
    usage.raw = counts.0;
    out.usage(usage.also_read(cached).also_read(written));
}

fn corrupt(body: &[u8]) -> Error {
    foreign("Converse JSON", body)
}
