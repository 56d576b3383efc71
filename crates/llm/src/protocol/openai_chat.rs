//! OpenAI chat completions, and everything that speaks it.
//! Source: OpenAI's API reference, "Chat Completions"; compatible vendors' differences are [`Quirks`](crate::vendor::Quirks).

mod decode;
mod embed;
mod encode;
mod explain;
#[cfg(test)]
mod tests;
mod wire;

use bytes::Bytes;
use graphbit_core::{Error, Result};

use super::{Decoder, EmbedProtocol, Emitter, ErrorReply, Part, Protocol, Target};
use crate::framing::{Framing, Sse};
use crate::{Embeddings, Request};

/// The wire's name in signatures.
const WIRE: &str = "openai_chat";

/// The protocol.
#[derive(Clone, Copy, Debug)]
pub struct OpenAiChat;

impl Protocol for OpenAiChat {
    fn encode(&self, target: &Target<'_>, request: &Request) -> Result<http::Request<Bytes>> {
        encode::encode(target, request)
    }

    fn decode(&self, body: &[u8], out: &mut Emitter) -> Result<()> {
        decode::decode(body, out)
    }

    fn framing(&self, limit: usize) -> Box<dyn Framing> {
        Box::new(Sse::new(limit))
    }

    fn decoder(&self) -> Box<dyn Decoder> {
        Box::new(decode::StreamDecoder::default())
    }

    fn explain(&self, reply: &ErrorReply<'_>) -> Error {
        explain::explain(reply)
    }
}

impl EmbedProtocol for OpenAiChat {
    fn encode_texts(&self, part: &Part<'_>) -> Result<http::Request<Bytes>> {
        embed::encode(part)
    }

    fn decode_vectors(&self, body: &[u8], part: &Part<'_>) -> Result<Embeddings> {
        embed::decode(body, part)
    }
}
