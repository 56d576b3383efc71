//! Replies → events, whole or event by event. In a stream, what has no event of its own (what the vendor's own tools gave,
//! citations, kinds still to come) passes through as it came.

use graphbit_core::{Error, Result};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::wire::{Block, Delta, Message, NO_ARGUMENTS, StreamEvent};
use super::{HIDDEN, WIRE, explain};
use crate::framing::Frame;
use crate::protocol::lenient::{Counts, Object, present};
use crate::protocol::{Decoder, Emitter, foreign};
use crate::{FinishReason, RawJson, Signature, Usage};

/// Tools that the vendor runs itself, its own and those of MCP servers.
const SERVER_TOOL: &str = "server_tool_use";
const MCP_TOOL: &str = "mcp_tool_use";

pub(super) fn decode(body: &[u8], out: &mut Emitter) -> Result<()> {
    let reply: Object<Message<'_>> =
        serde_json::from_slice(body).map_err(|error| corrupt(body).caused_by(error))?;
    let reply = reply.0.ok_or_else(|| corrupt(body))?;
    let failed = present(reply.error).is_some() || reply.kind.some() == Some("error");
    if reply.content.is_none() && reply.stop_reason.some().is_none() && !failed {
        return Err(corrupt(body));
    }
    out.start(reply.id.some(), reply.model.some());
    if let Some(members) = members(reply.usage) {
        out.usage(with_cache(usage(members)));
    }
    for (at, block) in (0..).zip(reply.content.iter().flat_map(|content| &content.0)) {
        read_block(at, block, out);
    }
    if failed {
        return Err(explain::inside_success(body));
    }
    finish(reply.stop_reason.as_str(), out);
    Ok(())
}

fn read_block(at: u64, block: &Block<'_>, out: &mut Emitter) {
    match block.kind.some() {
        Some("text") => out.text(block.text.as_str()),
        Some("thinking" | "redacted_thinking") => think(block, out),
        Some(kind) if is_call(kind) => call(Some(at), block, &block.arguments(), out),
        _ => {}
    }
}

fn is_call(kind: &str) -> bool {
    matches!(kind, "tool_use" | SERVER_TOOL | MCP_TOOL)
}

/// Begins a call: for the client to make, or of a tool that the vendor runs itself.
fn call(index: Option<u64>, block: &Block<'_>, arguments: &str, out: &mut Emitter) {
    let (id, name) = (block.id.some(), block.name.some());
    match block.kind.some() {
        Some(SERVER_TOOL | MCP_TOOL) => out.provider_call(index, id, name, arguments),
        _ => out.tool_call(index, id, name, arguments),
    }
}

/// A block of thinking: whole, or its beginning, whose signature comes later.
fn think(block: &Block<'_>, out: &mut Emitter) {
    out.reasoning(block.thinking.as_str());
    sign(block.signature.some(), out);
    if let Some(data) = block.data.some() {
        out.sign_reasoning(Signature::new(WIRE, [HIDDEN, data].concat()));
    }
}

/// A block has one signature, at its end.
fn sign(signature: Option<&str>, out: &mut Emitter) {
    if let Some(signature) = signature {
        out.sign_reasoning(Signature::new(WIRE, signature));
    }
}

/// What one event leaves for the next.
#[derive(Debug, Default)]
pub(super) struct StreamDecoder {
    /// The tokens so far, in the vendor's numbers.
    usage: Usage,
    /// The vendor's object from the message's start, with its numbers up to date.
    told: Option<Map<String, Value>>,
    /// The tool calls that are open; the emitter bounds how many.
    calls: Vec<Call>,
}

#[derive(Debug)]
struct Call {
    index: Option<u64>,
    arguments: Arguments,
}

/// How far the arguments of a call have come.
#[derive(Debug, PartialEq, Eq)]
enum Arguments {
    None,
    Fragments,
    /// They stood in the block's beginning, as gateways send them.
    Whole,
}

impl Decoder for StreamDecoder {
    fn frame(&mut self, frame: &Frame, out: &mut Emitter) -> Result<()> {
        let data = frame.data.trim_ascii();
        if data == b"[DONE]" {
            self.end(out); // not this wire's, but gateways add it
            return Ok(());
        }
        let event: StreamEvent<'_> = match serde_json::from_slice(data) {
            Ok(Object(Some(event))) => event,
            Ok(Object(None)) => {
                out.unknown(data);
                return Ok(());
            }
            // The connection broke inside this frame: that is a truncated stream, not a corrupt one.
            Err(_) if !frame.terminated => return Ok(()),
            Err(error) => return Err(corrupt(data).caused_by(error)),
        };
        if present(event.error).is_some() {
            return Err(explain::inside_success(data));
        }
        let name = frame.name.as_deref().and_then(|name| std::str::from_utf8(name).ok());
        match event.kind.some().or(name) {
            Some("content_block_delta") => self.grow(&event, data, out),
            Some("content_block_start") => self.begin(&event, data, out),
            Some("content_block_stop") => self.settle(|call| call.index == event.index.0, out),
            Some("message_start") => {
                if let Some(message) = &event.message.0 {
                    out.start(message.id.some(), message.model.some());
                    (self.usage, self.told) = (Usage::default(), None);
                    self.count(message.usage, out);
                }
            }
            Some("message_delta") => {
                self.count(event.usage, out);
                if let Some(raw) = event.delta.0.as_ref().and_then(|delta| delta.stop_reason.some()) {
                    self.settle(|_| true, out);
                    finish(raw, out);
                }
            }
            Some("message_stop") => self.end(out),
            Some("ping") => {}
            Some("error") => return Err(explain::inside_success(data)),
            _ => out.unknown(data),
        }
        Ok(())
    }
}

impl StreamDecoder {
    fn begin(&mut self, event: &StreamEvent<'_>, data: &[u8], out: &mut Emitter) {
        let index = event.index.0;
        self.calls.retain(|call| call.index != index);
        let Some(block) = &event.content_block.0 else { return out.unknown(data) };
        match block.kind.some() {
            Some("text") => out.text(block.text.as_str()),
            Some("thinking" | "redacted_thinking") => think(block, out),
            Some(kind) if is_call(kind) => self.call(index, block, out),
            _ => out.unknown(data),
        }
    }

    fn call(&mut self, index: Option<u64>, block: &Block<'_>, out: &mut Emitter) {
        let whole = block.arguments();
        let (arguments, text) = match &*whole {
            NO_ARGUMENTS => (Arguments::None, ""),
            text => (Arguments::Whole, text),
        };
        call(index, block, text, out);
        self.calls.push(Call { index, arguments });
    }

    fn grow(&mut self, event: &StreamEvent<'_>, data: &[u8], out: &mut Emitter) {
        let Some(delta) = &event.delta.0 else { return out.unknown(data) };
        match delta.kind.some() {
            Some("text_delta") => out.text(delta.text.as_str()),
            Some("thinking_delta") => out.reasoning(delta.thinking.as_str()),
            Some("signature_delta") => sign(delta.signature.some(), out),
            Some("input_json_delta") => self.argue(event.index.0, delta, data, out),
            _ => out.unknown(data),
        }
    }

    fn argue(&mut self, index: Option<u64>, delta: &Delta<'_>, data: &[u8], out: &mut Emitter) {
        let Some(call) = self.calls.iter_mut().find(|call| call.index == index) else {
            return out.unknown(data); // of a block that is no call
        };
        if let Some(fragment) = delta.partial_json.some().filter(|_| call.arguments != Arguments::Whole) {
            call.arguments = Arguments::Fragments;
            out.tool_call(index, None, None, fragment);
        }
    }

    /// Ends these calls: one that nothing was said of takes no arguments.
    fn settle(&mut self, ended: impl Fn(&Call) -> bool, out: &mut Emitter) {
        self.calls.retain(|call| {
            if ended(call) {
                if call.arguments == Arguments::None {
                    out.tool_call(call.index, None, None, NO_ARGUMENTS);
                }
                out.end_tool_call(call.index);
            }
            !ended(call)
        });
    }

    /// Counts are running totals: a later one replaces an earlier one, member by member. Of the vendor's own objects only
    /// the start's is kept, with its numbers up to date: else a stream of new names could grow it without end.
    fn count(&mut self, raw: Option<&RawValue>, out: &mut Emitter) {
        let Some(new) = members(raw) else { return };
        let mut all = new.clone();
        for (name, value) in self.told.iter_mut().flatten() {
            match new.get(name) {
                Some(number) if number.is_number() => *value = number.clone(),
                Some(_) => {}
                None => drop(all.insert(name.clone(), value.clone())),
            }
        }
        self.told.get_or_insert_with(|| all.clone());
        let mut counted = usage(all);
        counted.reasoning = counted.reasoning.or(self.usage.reasoning);
        counted.cached = counted.cached.or(self.usage.cached);
        counted.cache_write = counted.cache_write.or(self.usage.cache_write);
        counted.input = counted.input.or(self.usage.input);
        counted.output = counted.output.or(self.usage.output);
        self.usage = counted.clone();
        out.usage(with_cache(counted));
    }

    fn end(&mut self, out: &mut Emitter) {
        self.settle(|_| true, out);
        if !out.is_finished() {
            out.finish(if out.has_tool_calls() { FinishReason::ToolCalls } else { FinishReason::Stop }, "");
        }
        out.close();
    }
}

/// The end of the turn, in the vendor's word.
fn finish(raw: &str, out: &mut Emitter) {
    let reason = match raw {
        "end_turn" | "stop_sequence" if out.has_tool_calls() => FinishReason::ToolCalls,
        "end_turn" | "stop_sequence" => FinishReason::Stop,
        "tool_use" => FinishReason::ToolCalls,
        "max_tokens" | "model_context_window_exceeded" => FinishReason::Length,
        "refusal" => FinishReason::ContentFilter,
        _ => FinishReason::Other, // pause_turn among them: send the turn back as it is, and the model goes on
    };
    out.finish(reason, raw);
}

/// The members of a count of tokens that say something.
fn members(raw: Option<&RawValue>) -> Option<Map<String, Value>> {
    let Value::Object(mut members) = Counts::read(raw)?.raw().to_value() else { return None };
    members.retain(|_, value| !value.is_null());
    Some(members)
}

/// Tokens as this vendor counts them.
fn usage(members: Map<String, Value>) -> Usage {
    let raw = RawJson::from(Value::Object(members));
    let counts = raw.as_raw().and_then(Counts::of);
    let at = |place: &[&str]| counts.as_ref()?.at(place);
    let mut usage = Usage::new(at(&["input_tokens"]), at(&["output_tokens"]));
    usage.cached = at(&["cache_read_input_tokens"]);
    usage.cache_write = at(&["cache_creation_input_tokens"]);
    usage.reasoning = at(&["output_tokens_details", "thinking_tokens"]);
    drop(counts); // they borrow it
    usage.with_raw(raw)
}

/// The vendor's tokens read do not include what came from its cache or went into it.
fn with_cache(usage: Usage) -> Usage {
    let (cached, written) = (usage.cached, usage.cache_write);
    usage.also_read(cached).also_read(written)
}

fn corrupt(body: &[u8]) -> Error {
    foreign("a message of Anthropic's", body)
}
