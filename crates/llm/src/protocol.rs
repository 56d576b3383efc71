//! The wires, as pure functions: a request becomes bytes, bytes become events. No IO, no clock, no secrets.
//! Every protocol is a folder with the same files:
//!
//! * `encode`: a request → bytes, with `encode/{messages, content, media, tools, output, thinking, model}` as far as the wire
//!   needs them: the conversation, the parts of a message, images and files, the tools, the form of the answer, how much to
//!   think, what only some models take;
//! * `decode`: bytes → events, whole or streamed; `wire`: the JSON that it reads; `explain`: what an error means;
//! * `embed`, where the wire has embeddings.
//!
//! What wires share stands beside the folders, one file each.

mod address;
pub mod anthropic;
mod arguments;
pub mod bedrock_converse;
mod body;
mod cache_marks;
mod classify;
pub mod cohere;
#[cfg(test)]
mod corpus;
mod embedding;
mod emitter;
mod function_tool;
pub mod gemini;
mod ids;
mod lenient;
mod logprobs;
pub mod ollama;
pub mod openai_chat;
mod openai_models;
pub mod openai_responses;
mod rate_state;
mod reading;
#[cfg(test)]
mod replayed;
mod subschemas;
mod urls;
mod vectors;
#[cfg(test)]
mod whole_or_streamed;

use bytes::Bytes;
use graphbit_core::{Error, ErrorCode, Result};
use http::{HeaderMap, StatusCode, Uri};
use serde_json::{Map, Value};

pub(crate) use classify::{
    Complaint, classify, classify_as, error_of, explanation, failure_status, member, request_id,
};
pub(crate) use embedding::{EmbedProtocol, Part};
pub use emitter::Emitter;
pub(crate) use emitter::MOST_CALLS;
pub(crate) use openai_models::{is_reasoning_family, samples};
pub use rate_state::{RateState, Window};
pub(crate) use reading::Reading;
pub(crate) use urls::Urls;

use crate::framing::{Frame, Framing};
use crate::vendor::Quirks;
use crate::{Event, Request};

/// A wire format. It keeps no state: what a stream needs lives in its [`Decoder`].
pub trait Protocol: Send + Sync {
    /// Writes the request for the wire, without credentials.
    ///
    /// # Errors
    /// `INVALID_INPUT` when the request cannot be said in this wire.
    fn encode(&self, target: &Target<'_>, request: &Request) -> Result<http::Request<Bytes>>;

    /// Reads a reply that came whole.
    ///
    /// # Errors
    /// `PROTOCOL` for bytes that are not this wire's; the vendor's error where a success carries one.
    fn decode(&self, body: &[u8], out: &mut Emitter) -> Result<()>;

    /// How a streamed body is cut. A frame of more than `limit` bytes is refused.
    fn framing(&self, limit: usize) -> Box<dyn Framing>;

    /// A reader for one streamed body.
    fn decoder(&self) -> Box<dyn Decoder>;

    /// What an error reply means.
    fn explain(&self, reply: &ErrorReply<'_>) -> Error;
}

/// Frames in, events out.
pub trait Decoder: Send {
    /// Reads one frame. What it finds goes to `out`; whether the wire's own end was seen, `out` knows.
    ///
    /// # Errors
    /// `PROTOCOL` for a corrupt frame; the vendor's error where the stream carries one.
    fn frame(&mut self, frame: &Frame, out: &mut Emitter) -> Result<()>;
}

/// Where a request goes.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// The endpoint's base, without a slash at its end.
    pub base_url: &'a str,
    /// The model, as the vendor names it.
    pub model: &'a str,
    /// What this vendor does differently.
    pub quirks: &'a Quirks,
    /// Members merged into the body last.
    pub extra: &'a Map<String, Value>,
    /// Where the URLs are that were asked before.
    pub(crate) urls: Option<&'a Urls>,
}

impl<'a> Target<'a> {
    /// An endpoint, a model there, what the vendor does differently, and members of the body.
    pub fn new(base_url: &'a str, model: &'a str, quirks: &'a Quirks, extra: &'a Map<String, Value>) -> Self {
        Self { base_url, model, quirks, extra, urls: None }
    }

    /// The URL of an endpoint: the path goes before the base's query, which some gateways ask for, and its own query behind that.
    ///
    /// # Errors
    /// `CONFIG` where the base is no URL.
    pub fn url(&self, path: &str) -> Result<Uri> {
        let made = || match (self.base_url.split_once('?'), path.split_once('?')) {
            (Some((base, query)), None) => [base.trim_end_matches('/'), path, "?", query].concat(),
            (Some((base, query)), Some((path, more))) => {
                [base.trim_end_matches('/'), path, "?", query, "&", more].concat()
            }
            (None, _) => [self.base_url, path].concat(),
        };
        match self.urls {
            Some(urls) => urls.at(self.base_url, path, made),
            None => urls::parsed(made()),
        }
    }
}

/// A reply with an error status.
#[derive(Clone, Copy, Debug)]
pub struct ErrorReply<'a> {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: &'a HeaderMap,
    /// The beginning of its body.
    pub body: &'a [u8],
}

/// Reads a whole body with one protocol, as the driver does: for tests.
///
/// # Errors
/// The decoder's error; the events before it are lost.
pub fn decode_whole(protocol: &dyn Protocol, body: &[u8]) -> Result<Vec<Event>> {
    let (events, ended) = decode_reply(protocol, body);
    ended.map(|()| events)
}

/// Reads a whole body with one protocol, as the driver does: for replaying recorded traffic. The events come first, then how
/// it ended; with a failure also the end that was told before it, which the driver keeps to itself.
pub fn decode_reply(protocol: &dyn Protocol, body: &[u8]) -> (Vec<Event>, Result<()>) {
    let mut out = Emitter::default();
    out.expect_whole();
    let ended = protocol.decode(body, &mut out);
    out.admit();
    (out.drain().collect(), ended)
}

/// Bytes that are no `kind` of the wire that was asked.
pub(crate) fn foreign(kind: &str, body: &[u8]) -> Error {
    let begins = excerpt(body);
    let message =
        format!("the server sent something else than {kind}; is baseUrl right? It begins: {begins}");
    Error::new(ErrorCode::Protocol, message)
}

/// The first characters of a body, for a message.
pub(crate) fn excerpt(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body.get(..body.len().min(600)).unwrap_or(body));
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().take(160).collect()
}

/// Reads a streamed body that arrives in these pieces with one protocol, as the driver does: for tests and for replaying
/// recorded traffic. The events come first, then how it ended; with a failure also the end that was told before it, which the
/// driver keeps to itself.
pub fn decode_streamed<'a>(
    protocol: &dyn Protocol,
    limit: usize,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<Event>, Result<()>) {
    let mut out = Emitter::default();
    let ended = read_streamed(protocol, limit, pieces, &mut out, |_| {});
    (out.drain().collect(), ended)
}

/// As [`decode_streamed`], with every event handed on when its frame is read: what is held meanwhile is what a client holds.
///
/// # Errors
/// How it ended, where that is no success.
pub fn decode_each<'a>(
    protocol: &dyn Protocol,
    limit: usize,
    pieces: impl IntoIterator<Item = &'a [u8]>,
    mut hand_on: impl FnMut(Event),
) -> Result<()> {
    let mut out = Emitter::default();
    let ended = read_streamed(protocol, limit, pieces, &mut out, |out| out.drain().for_each(&mut hand_on));
    out.drain().for_each(hand_on);
    ended
}

fn read_streamed<'a>(
    protocol: &dyn Protocol,
    limit: usize,
    pieces: impl IntoIterator<Item = &'a [u8]>,
    out: &mut Emitter,
    mut after_frame: impl FnMut(&mut Emitter),
) -> Result<()> {
    let mut reading = Reading::new(protocol, limit);
    let read = |out: &mut Emitter| -> Result<()> {
        for piece in pieces {
            reading.push(Bytes::copy_from_slice(piece));
            while reading.step(out)? {
                after_frame(out);
                if out.is_closed() {
                    return Ok(()); // what follows the wire's own end is not read
                }
            }
        }
        reading.finish(out)
    };
    let ended = read(out);
    let finished = out.is_finished() || out.is_closed();
    out.admit();
    ended.and_then(|()| if finished { Ok(()) } else { Err(truncated()) })
}

/// The end of a body without the wire's own end.
pub(crate) fn truncated() -> Error {
    Error::new(
        ErrorCode::Truncated,
        "the reply ended before the model had finished; what arrived is not the whole answer",
    )
}
