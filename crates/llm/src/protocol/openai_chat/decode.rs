//! Replies → events, whole or chunk by chunk. Only the first choice is read: we never ask for more.

mod details;

use std::borrow::Cow;

use graphbit_core::{Error, ErrorCode, Result};
use serde::de::{Error as _, IgnoredAny};

use self::details::Details;
use super::wire::{Content, Detail, Function, Kind, Part, Reply, ToolCall, Turn};
use super::{WIRE, explain};
use crate::framing::Frame;
use crate::protocol::lenient::{Counts, List, json_text, present};
use crate::protocol::logprobs;
use crate::protocol::{Decoder, Emitter, excerpt, foreign};
use crate::{FinishReason, Signature, Usage};

pub(super) fn decode(body: &[u8], out: &mut Emitter) -> Result<()> {
    let reply: Reply<'_> = serde_json::from_slice(body).map_err(|error| corrupt(body, error))?;
    if reply.choices.count.unwrap_or(0) == 0 && present(reply.error).is_none() {
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
    let choice = reply.choices.item.as_ref();
    // Perplexity sends an empty delta beside the message.
    let turn = choice.and_then(|choice| choice.message.0.as_ref().or(choice.delta.0.as_ref()));
    read(&reply, turn, None, out)?;
    if !out.is_finished() {
        match choice.and_then(|choice| choice.finish_reason.get()) {
            Some(_) => out.finish(FinishReason::Other, ""),
            None => out.finish(FinishReason::Stop, ""),
        }
    }
    Ok(())
}

/// The chunks of a stream carry all state themselves, but for the thinking that is to be sent back.
#[derive(Default)]
pub(super) struct StreamDecoder {
    details: Details,
}

impl Decoder for StreamDecoder {
    fn frame(&mut self, frame: &Frame, out: &mut Emitter) -> Result<()> {
        let data = frame.data.trim_ascii();
        if data == b"[DONE]" {
            if !out.is_finished() {
                out.finish(FinishReason::Stop, "");
            }
            self.details.sign(out);
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
        let says_nothing = reply.choices.count.is_none() && reply.usage.is_none() && no_error;
        let answers_nothing = reply.choices.count.unwrap_or(0) == 0 && no_error;
        if (named_error && no_error) || (answers_nothing && is_error(data)) {
            return Err(explain::inside_success(&String::from_utf8_lossy(data)));
        }
        if says_nothing {
            out.unknown(data);
            return Ok(());
        }
        let choice = reply.choices.item.as_ref();
        // Perplexity sends the whole message so far beside each delta.
        let turn = choice.and_then(|choice| choice.delta.0.as_ref().or(choice.message.0.as_ref()));
        read(&reply, turn, Some(&mut self.details), out)?;
        // Its last pieces may come behind the text, so only the end of the turn completes it.
        if out.is_finished() {
            self.details.sign(out);
        }
        Ok(())
    }
}

/// Whether an object that answers nothing says that it is an error: `{"object": "error", "message": …}`, or MiniMax's
/// `{"base_resp": {"status_code": 1008, "status_msg": …}}`.
fn is_error(body: &[u8]) -> bool {
    serde_json::from_slice::<Kind<'_>>(body).is_ok_and(|kind| kind.is_error())
}

/// `details` collects the pieces of a stream; a reply that came whole has them whole.
fn read(
    reply: &Reply<'_>,
    turn: Option<&Turn<'_>>,
    details: Option<&mut Details>,
    out: &mut Emitter,
) -> Result<()> {
    out.start(reply.id.get(), reply.model.get());
    let groq = reply.x_groq.0.as_ref().and_then(|groq| groq.usage);
    let counted = [reply.usage, groq].into_iter().find(|raw| present(*raw).is_some()).flatten();
    if let Some(counts) = Counts::read(counted) {
        out.usage(usage(&counts));
    }
    if let Some(turn) = turn {
        read_turn(turn, details, out)?;
    }
    let choice = reply.choices.item.as_ref();
    out.logprobs(logprobs::read(choice.and_then(|choice| choice.logprobs.0.as_ref()?.content)));
    if let Some(raw) = choice.and_then(|choice| choice.finish_reason.some()) {
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

fn read_turn(turn: &Turn<'_>, details: Option<&mut Details>, out: &mut Emitter) -> Result<()> {
    let is_whole = details.is_none();
    read_reasoning(turn, details, out)?;
    read_content(&turn.content, out);
    out.refusal(turn.refusal.as_str());
    for (at, call) in (0..).zip(&turn.tool_calls.0) {
        // In a whole reply each is a call of its own, however it is numbered or named.
        read_call(call, if is_whole { Some(at) } else { call.index.0 }, out);
    }
    // Snowflake sends an empty one beside every answer.
    if let Some(function) = turn.function_call.0.as_ref().filter(|function| function.is_call()) {
        out.tool_call(None, None, function.name.get(), &function.text());
    }
    Ok(())
}

/// The same text may come under two names: the first that has any counts. The details come beside it, to be sent back.
fn read_reasoning(turn: &Turn<'_>, details: Option<&mut Details>, out: &mut Emitter) -> Result<()> {
    let reasoning = match &turn.reasoning {
        Content::Text(text) => Some(&**text).filter(|text| !text.is_empty()),
        _ => None,
    };
    let plain = turn.reasoning_content.some().or(reasoning);
    out.reasoning(plain.unwrap_or_default());
    let Some(raw) = turn.reasoning_details.filter(|raw| present(Some(raw)).is_some()) else { return Ok(()) };
    // Their number is bounded, which is the one way to fail.
    let List(read): List<Detail<'_>> =
        serde_json::from_str(raw.get()).map_err(|error| corrupt(raw.get().as_bytes(), error))?;
    if plain.is_none() {
        for detail in &read {
            out.reasoning(detail.text.some().unwrap_or_else(|| detail.summary.as_str()));
        }
    }
    match details {
        _ if read.is_empty() => {}
        Some(details) => details.add(raw)?,
        None => out.sign_reasoning(Signature::new(WIRE, raw.get())),
    }
    Ok(())
}

fn read_call(call: &ToolCall<'_>, slot: Option<u64>, out: &mut Emitter) {
    let called = call.function.0.as_ref().filter(|function| function.is_call());
    let function = called.or(call.custom.0.as_ref());
    let name = function.and_then(|function| function.name.get());
    out.tool_call(slot, call.id.get(), name, &function.map(Function::text).unwrap_or_default());
    if let Some(mark) = present(call.extra_content) {
        out.sign_tool_call(Signature::new(WIRE, mark));
    }
}

impl Function<'_> {
    /// The arguments as text: the string's, or the JSON that stands in its place.
    fn text(&self) -> Cow<'_, str> {
        json_text(self.arguments.or(self.input))
    }

    fn is_call(&self) -> bool {
        self.name.some().is_some() || !self.text().is_empty()
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
    match part.kind.get() {
        Some("text" | "output_text") => out.text(part.text.as_str()),
        Some("refusal") => out.refusal(part.refusal.as_str()),
        Some("thinking") => part.thinking.0.iter().for_each(|text| out.reasoning(text.as_str())),
        _ => {}
    }
}

/// Most count thinking within what was written; xAI counts it beside that, as the total tells.
fn usage(counts: &Counts<'_>) -> Usage {
    let any = |places: &[&[&str]]| places.iter().find_map(|place| counts.at(place));
    let mut usage = Usage::new(counts.at(&["prompt_tokens"]), counts.at(&["completion_tokens"]));
    usage.cached = any(&[
        &["prompt_tokens_details", "cached_tokens"],
        &["prompt_cache_hit_tokens"],
        &["cached_tokens"],
        &["num_cached_tokens"],
    ]);
    usage.cache_write =
        any(&[&["prompt_tokens_details", "cache_write_tokens"], &["cache_creation_input_tokens"]]);
    usage.reasoning = any(&[&["completion_tokens_details", "reasoning_tokens"], &["reasoning_tokens"]]);
    let (total, thought) = (counts.at(&["total_tokens"]), usage.reasoning);
    usage.raw = counts.raw();
    let parts = [usage.input, usage.output, thought].into_iter().flatten();
    let apart = thought > Some(0) && total == Some(parts.fold(0, u64::saturating_add));
    if apart { usage.also_written(thought) } else { usage }
}

fn corrupt(body: &[u8], error: serde_json::Error) -> Error {
    foreign("chat completions JSON", body).caused_by(error)
}
