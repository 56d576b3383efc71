//! Cohere's chat API, version 2: `POST /v2/chat`.
//! Source: Cohere's API reference, "Chat" and "Chat with Streaming". Version 1 is another wire.

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

/// The name of marks that came by this wire; none come.
pub(super) const WIRE: &str = "cohere";

/// The protocol.
#[derive(Clone, Copy, Debug)]
pub struct Cohere;

impl Protocol for Cohere {
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
        Box::new(decode::StreamDecoder)
    }

    fn explain(&self, reply: &ErrorReply<'_>) -> Error {
        explain::explain(reply)
    }
}

impl EmbedProtocol for Cohere {
    fn encode_texts(&self, part: &Part<'_>) -> Result<http::Request<Bytes>> {
        embed::encode(part)
    }

    fn decode_vectors(&self, body: &[u8], part: &Part<'_>) -> Result<Embeddings> {
        embed::decode(body, part)
    }
}
