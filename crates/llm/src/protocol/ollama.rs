//! Ollama's own API: `POST /api/chat`, which streams a JSON object a line.
//! Source: Ollama's API reference, "Generate a chat completion"; its OpenAI-compatible endpoint is another wire.

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
use crate::framing::{Framing, NdJson};
use crate::{Embeddings, Request};

/// The name of marks that came by this wire; none come.
pub(super) const WIRE: &str = "ollama";

/// The protocol.
#[derive(Clone, Copy, Debug)]
pub struct Ollama;

impl Protocol for Ollama {
    fn encode(&self, target: &Target<'_>, request: &Request) -> Result<http::Request<Bytes>> {
        encode::encode(target, request)
    }

    fn decode(&self, body: &[u8], out: &mut Emitter) -> Result<()> {
        decode::decode(body, out)
    }

    fn framing(&self, limit: usize) -> Box<dyn Framing> {
        Box::new(NdJson::new(limit))
    }

    fn decoder(&self) -> Box<dyn Decoder> {
        Box::new(decode::StreamDecoder)
    }

    fn explain(&self, reply: &ErrorReply<'_>) -> Error {
        explain::explain(reply)
    }
}

impl EmbedProtocol for Ollama {
    fn encode_texts(&self, part: &Part<'_>) -> Result<http::Request<Bytes>> {
        embed::encode(part)
    }

    fn decode_vectors(&self, body: &[u8], part: &Part<'_>) -> Result<Embeddings> {
        embed::decode(body, part)
    }
}
