//! Replies → events, whole or chunk by chunk. A chunk is a reply of its own; what ends the turn is `finishReason` or
//! `promptFeedback.blockReason`, after which usage or an error may still follow.

mod logprobs;
mod partial;

use std::fmt;

use graphbit_core::{Error, ErrorCode, Result};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use self::logprobs::logprobs;
use self::partial::Arguments;
use super::wire::{Candidate, FunctionCall, Part, Reply};
use super::{WIRE, explain};
use crate::framing::Frame;
use crate::protocol::lenient::{Counts, Object};
use crate::protocol::{Decoder, Emitter, excerpt, foreign, truncated};
use crate::{FinishReason, Signature, Usage};

/// The most events of one list of replies, which wait together: a streamed body that is read whole.
const MOST_EVENTS: u64 = 1 << 16;

/// Begins the word for why a prompt was not answered at all, which a candidate's reasons say in the same words.
const BLOCKED: &str = "blockReason:";

pub(super) fn decode(body: &[u8], out: &mut Emitter) -> Result<()> {
    let mut turn = Turn::default();
    let read = turn.read_body(body, out)?;
    if let Some(error) = read.corrupt {
        // A streamed body in one array: what is there counts, and so does what is missing.
        return Err(if read.list && error.is_eof() { truncated() } else { corrupt(body, error) });
    }
    if !read.known {
        return Err(Error::new(
            ErrorCode::Protocol,
            format!("the reply has no candidates; is baseUrl a Gemini server? It begins: {}", excerpt(body)),
        ));
    }
    out.check(body.len())?;
    match (out.is_finished(), read.list) {
        (true, _) => Ok(()),
        (false, true) => Err(truncated()),
        (false, false) => {
            out.finish(FinishReason::Other, "");
            Ok(())
        }
    }
}

/// Reads the chunks of one stream.
#[derive(Default)]
pub(super) struct StreamDecoder(Turn);

impl Decoder for StreamDecoder {
    fn frame(&mut self, frame: &Frame, out: &mut Emitter) -> Result<()> {
        let data = frame.data.trim_ascii();
        if data.is_empty() || data == b"[DONE]" {
            return Ok(()); // Google sends no such end; gateways do
        }
        let read = self.0.read_body(data, out)?;
        match read.corrupt {
            // The connection broke inside this frame: that is a truncated stream, not a corrupt one.
            Some(_) if !frame.terminated => Ok(()),
            Some(_) if serde_json::from_slice::<IgnoredAny>(data).is_ok() && !is_composed(data) => {
                out.unknown(data);
                Ok(())
            }
            Some(error) => Err(corrupt(data, error)),
            None if read.known => Ok(()),
            None if frame.name.as_deref() == Some(b"error") => {
                Err(explain::inside_success(&String::from_utf8_lossy(data)))
            }
            None => {
                out.unknown(data);
                Ok(())
            }
        }
    }
}

/// Whether the value is an object or a list, if it is one at all.
fn is_composed(data: &[u8]) -> bool {
    matches!(data.first(), Some(b'{' | b'['))
}

/// What is known of the turn so far.
#[derive(Default)]
struct Turn {
    calls: u64,
    /// The call whose arguments are still arriving, by its slot.
    open: Option<(u64, Arguments)>,
    /// The wire's own end; [`FinishReason::Stop`] also where tools were called.
    ended: Option<(FinishReason, String)>,
}

/// How reading a body went.
#[derive(Default)]
struct Read {
    /// There was something that a reply has.
    known: bool,
    /// It was a list of replies.
    list: bool,
    corrupt: Option<serde_json::Error>,
}

impl Turn {
    /// Reads a reply, or a list of them one by one.
    fn read_body(&mut self, body: &[u8], out: &mut Emitter) -> Result<Read> {
        let mut reader = BodyReader { turn: self, out, read: Read::default(), failure: None };
        let mut json = serde_json::Deserializer::from_slice(body);
        let end = json.deserialize_any(&mut reader).and_then(|()| json.end());
        match reader.failure {
            Some(error) => Err(error),
            None => Ok(Read { corrupt: end.err(), ..reader.read }),
        }
    }

    fn read(&mut self, reply: &Reply<'_>, out: &mut Emitter) -> Result<()> {
        out.start(reply.response_id.get(), reply.model_version.get());
        if let Some(usage) = Counts::read(reply.usage_metadata).as_ref().map(usage) {
            out.usage(usage);
        }
        if let Some(candidate) = &reply.candidates.item {
            self.read_candidate(candidate, out)?;
        }
        let blocked = reply.prompt_feedback.0.as_ref().map_or("", |feedback| feedback.block_reason.as_str());
        if !matches!(blocked, "" | "BLOCK_REASON_UNSPECIFIED" | "0") && self.ended.is_none() {
            self.ended = Some((FinishReason::ContentFilter, format!("{BLOCKED}{blocked}")));
        }
        if let Some((reason, raw)) = &self.ended {
            let calls = *reason == FinishReason::Stop && out.has_tool_calls();
            out.finish(if calls { FinishReason::ToolCalls } else { *reason }, raw);
        }
        match reply.error {
            Some(error) => Err(explain::inside_success(error.get())),
            None => Ok(()),
        }
    }

    fn read_candidate(&mut self, candidate: &Candidate<'_>, out: &mut Emitter) -> Result<()> {
        let parts = candidate.content.0.as_ref().map_or(&[][..], |content| &content.parts.0);
        for part in parts {
            self.read_part(part, out)?;
        }
        if let Some(found) = &candidate.logprobs_result.0 {
            out.logprobs(logprobs(found));
        }
        let raw = candidate.finish_reason.as_str();
        let reason = match raw {
            "" | "FINISH_REASON_UNSPECIFIED" | "0" => return Ok(()),
            "STOP" | "1" => FinishReason::Stop,
            "MAX_TOKENS" | "2" => FinishReason::Length,
            "SAFETY"
            | "3"
            | "RECITATION"
            | "4"
            | "BLOCKLIST"
            | "PROHIBITED_CONTENT"
            | "SPII"
            | "MODEL_ARMOR"
            | "IMAGE_SAFETY"
            | "IMAGE_PROHIBITED_CONTENT"
            | "IMAGE_RECITATION" => FinishReason::ContentFilter,
            _ => FinishReason::Other, // the other numbers differ between the Gemini API and Vertex AI
        };
        self.ended = Some((reason, raw.to_owned()));
        // Arguments that the end cut off are none: what there is of them must not pass for JSON.
        self.close_call(out, true);
        Ok(())
    }

    fn read_part(&mut self, part: &Part<'_>, out: &mut Emitter) -> Result<()> {
        let signature = part.thought_signature.some().map(|value| Signature::new(WIRE, value));
        if signature.is_some() {
            out.end_prose(); // it must come back on this part alone, which often is an empty text at the end
        }
        if part.thought.is_set() {
            out.reasoning(part.text.as_str());
        } else {
            out.text(part.text.as_str());
        }
        if let Some(call) = &part.function_call.0 {
            self.read_call(call, out)?;
        }
        match signature {
            Some(signature) if part.thought.is_set() => out.sign_reasoning(signature),
            Some(signature) if part.function_call.0.is_some() => out.sign_tool_call(signature),
            Some(signature) if part.text.get().is_some() => out.sign_text(signature),
            _ => {} // of what Google's own tools did, which is not sent back
        }
        Ok(())
    }

    /// Calls have no number, and rarely an id: each is whole, or goes on until the next part that does not continue it.
    fn read_call(&mut self, call: &FunctionCall<'_>, out: &mut Emitter) -> Result<()> {
        let name = call.name.some();
        let pieces = &call.partial_args.0;
        let continued = call.will_continue.is_set();
        if name.is_some() {
            self.close_call(out, false);
        }
        if self.open.is_none() {
            let arguments = call.args.map(RawValue::get);
            if name.is_none() && arguments.is_none() && pieces.is_empty() {
                return Ok(());
            }
            let (slot, whole) = (self.calls, !continued && pieces.is_empty());
            self.calls += 1;
            let text = if whole { arguments.unwrap_or("{}") } else { "" };
            out.tool_call(Some(slot), call.id.get(), name, text);
            if whole {
                return Ok(());
            }
            self.open = Some((slot, Arguments::default()));
        }
        if let Some((_, arguments)) = &mut self.open {
            pieces.iter().try_for_each(|piece| arguments.add(piece))?;
        }
        if !continued {
            self.close_call(out, false);
        }
        Ok(())
    }

    /// Says the arguments of the call that is open.
    fn close_call(&mut self, out: &mut Emitter, cut: bool) {
        let Some((slot, arguments)) = self.open.take() else { return };
        let mut text = arguments.into_text();
        if cut {
            text.pop();
        }
        out.tool_call(Some(slot), None, None, &text);
    }
}

/// Takes a body apart without keeping a list of its replies.
struct BodyReader<'t> {
    turn: &'t mut Turn,
    out: &'t mut Emitter,
    read: Read,
    failure: Option<Error>,
}

impl BodyReader<'_> {
    fn reply(&mut self, reply: &Reply<'_>) {
        if self.failure.is_none() {
            self.read.known |= reply.is_known();
            self.failure = self.turn.read(reply, self.out).err();
        }
    }
}

impl<'de> Visitor<'de> for &mut BodyReader<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a reply or a list of them")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        Reply::deserialize(MapAccessDeserializer::new(map)).map(|reply| self.reply(&reply))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        self.read.list = true;
        let most = self.out.counted().events + MOST_EVENTS;
        while self.failure.is_none() {
            if self.out.counted().events > most {
                return Err(A::Error::custom(format_args!("a list of more than {MOST_EVENTS} events")));
            }
            let Some(Object(reply)) = list.next_element::<Object<Reply<'de>>>()? else { return Ok(()) };
            if let Some(reply) = reply {
                self.reply(&reply);
            }
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

/// The counts as Google means them: `promptTokenCount` includes what was cached and leaves out what its own tools gave the
/// model to read, `candidatesTokenCount` leaves out the thoughts.
fn usage(counts: &Counts<'_>) -> Usage {
    let mut usage = Usage::new(counts.at(&["promptTokenCount"]), counts.at(&["candidatesTokenCount"]));
    usage.cached = counts.at(&["cachedContentTokenCount"]);
    usage.reasoning = counts.at(&["thoughtsTokenCount"]);
    let (given, thought) = (counts.at(&["toolUsePromptTokenCount"]), usage.reasoning);
    usage.raw = counts.raw();
    usage.also_read(given).also_written(thought)
}

fn corrupt(body: &[u8], error: serde_json::Error) -> Error {
    foreign("generateContent JSON", body).caused_by(error)
}
