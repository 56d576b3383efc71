//! Replies → events, whole or event by event.

use graphbit_core::{Error, ErrorCode, Result};
use serde_json::value::RawValue;

use super::explain;
use super::reader::{Piece, Reader, Thinking};
use super::wire::{Item, Reply, StreamEvent};
use crate::framing::Frame;
use crate::protocol::lenient::{Counts, Object};
use crate::protocol::logprobs;
use crate::protocol::{Decoder, Emitter, excerpt, foreign};
use crate::{FinishReason, Usage};

pub(super) fn decode(body: &[u8], out: &mut Emitter) -> Result<()> {
    let reply: Reply<'_> = serde_json::from_slice(body).map_err(|error| corrupt(body, error))?;
    if reply.output.is_none() && reply.status.some().is_none() && reply.error.is_none() {
        return Err(Error::new(
            ErrorCode::Protocol,
            format!(
                "the reply has no output; is baseUrl a server of the Responses API? It begins: {}",
                excerpt(body)
            ),
        ));
    }
    end(&reply, &mut Reader::default(), reply.status.as_str(), out)
}

/// Reads events. It keeps which items came in pieces, since they come once more as wholes.
#[derive(Default)]
pub(super) struct StreamDecoder {
    started: bool,
    reader: Reader,
}

impl Decoder for StreamDecoder {
    fn frame(&mut self, frame: &Frame, out: &mut Emitter) -> Result<()> {
        let data = frame.data.trim_ascii();
        if data == b"[DONE]" || out.is_finished() {
            return Ok(()); // some servers add it, but the end is an event of its own
        }
        let event: StreamEvent<'_> = match serde_json::from_slice(data) {
            Ok(event) => event,
            // The connection broke inside this frame: that is a truncated stream, not a corrupt one.
            Err(_) if !frame.terminated => return Ok(()),
            Err(error) => return Err(corrupt(data, error)),
        };
        let name = frame.name.as_deref().and_then(|name| std::str::from_utf8(name).ok());
        match event.kind.some().or(name) {
            Some(kind) => self.event(kind, &event, data, out),
            None if event.error.is_some() => Err(failed(data)),
            None => {
                out.unknown(data);
                Ok(())
            }
        }
    }
}

impl StreamDecoder {
    fn event(&mut self, kind: &str, event: &StreamEvent<'_>, data: &[u8], out: &mut Emitter) -> Result<()> {
        let index = event.output_index.0;
        let piece = match kind.strip_prefix("response.").unwrap_or(kind) {
            "output_text.delta" => {
                out.logprobs(logprobs::read(event.logprobs));
                Piece::Text
            }
            "refusal.delta" => Piece::Refusal,
            "reasoning_summary_text.delta" => {
                Piece::Thinking(Thinking::Summary, event.summary_index.0.unwrap_or(0))
            }
            "reasoning_text.delta" => Piece::Thinking(Thinking::Content, event.content_index.0.unwrap_or(0)),
            "function_call_arguments.delta" | "custom_tool_call_input.delta" => Piece::Arguments,
            "output_item.added" | "output_item.done" => {
                let raw = event.item.map_or("null", RawValue::get);
                let item: Object<Item<'_>> =
                    serde_json::from_str(raw).map_err(|error| corrupt(data, error))?;
                let known = match &item.0 {
                    Some(item) if kind.ends_with("added") => self.reader.added(index, item, out)?,
                    Some(item) => self.reader.whole(index, item, raw, out)?,
                    None => false,
                };
                if !known {
                    out.unknown(data);
                }
                return Ok(());
            }
            "created" | "in_progress" | "queued" => {
                if !self.started {
                    let reply = reply(event, data)?;
                    self.started = true;
                    out.start(reply.id.some(), reply.model.some());
                }
                return Ok(());
            }
            last @ ("completed" | "incomplete" | "failed" | "cancelled") => {
                let reply = reply(event, data)?;
                let said = reply.status.as_str();
                let known = matches!(said, "completed" | "incomplete" | "failed" | "cancelled");
                end(&reply, &mut self.reader, if known { said } else { last }, out)?;
                out.close();
                return Ok(());
            }
            "error" => return Err(failed(data)),
            // The frame of what the other events say: nothing of its own.
            "content_part.added"
            | "content_part.done"
            | "output_text.done"
            | "refusal.done"
            | "reasoning_text.done"
            | "reasoning_summary_text.done"
            | "reasoning_summary_part.added"
            | "reasoning_summary_part.done"
            | "function_call_arguments.done"
            | "custom_tool_call_input.done" => return Ok(()),
            _ => {
                out.unknown(data);
                return Ok(());
            }
        };
        self.reader.piece(index, piece, event.delta.as_str(), out)
    }
}

fn reply<'a>(event: &StreamEvent<'a>, data: &[u8]) -> Result<Reply<'a>> {
    let raw = event.response.map_or("null", RawValue::get);
    let reply: Object<Reply<'a>> = serde_json::from_str(raw).map_err(|error| corrupt(data, error))?;
    Ok(reply.0.unwrap_or_default())
}

/// Reads a reply that is complete, or as complete as it gets.
fn end(reply: &Reply<'_>, reader: &mut Reader, status: &str, out: &mut Emitter) -> Result<()> {
    out.start(reply.id.some(), reply.model.some());
    if let Some(counts) = Counts::read(reply.usage) {
        out.usage(usage(&counts));
    }
    reader.rest(reply.output, out)?;
    if let Some(error) = reply.error.map(RawValue::get).or((status == "failed").then_some("{}")) {
        return Err(explain::inside_success(error));
    }
    let details = reply.incomplete_details.0.as_ref().and_then(|details| details.reason.some());
    let reason = match (status, details) {
        // The status does not tell whether tools are to be called.
        ("completed", _) if out.has_tool_calls() => FinishReason::ToolCalls,
        ("completed", _) => FinishReason::Stop,
        ("incomplete", Some("max_output_tokens" | "max_tokens" | "length")) => FinishReason::Length,
        ("incomplete", Some("content_filter")) => FinishReason::ContentFilter,
        _ => FinishReason::Other,
    };
    out.finish(reason, details.unwrap_or(status));
    Ok(())
}

fn failed(data: &[u8]) -> Error {
    explain::inside_success(&String::from_utf8_lossy(data))
}

fn usage(counts: &Counts<'_>) -> Usage {
    let mut usage = Usage::new(counts.at(&["input_tokens"]), counts.at(&["output_tokens"]));
    usage.cached = counts.at(&["input_tokens_details", "cached_tokens"]);
    usage.cache_write = counts.at(&["input_tokens_details", "cache_write_tokens"]);
    usage.reasoning = counts.at(&["output_tokens_details", "reasoning_tokens"]);
    usage.raw = counts.raw();
    usage
}

fn corrupt(body: &[u8], error: serde_json::Error) -> Error {
    foreign("JSON of the Responses API", body).caused_by(error)
}
