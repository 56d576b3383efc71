//! Google's `generateContent`: the Gemini API, and Vertex AI with a base URL that ends in `…/publishers/google`.
//! Source: the Gemini API reference, "Generating content", and Vertex AI's "Content" and "FunctionCall"; errors are
//! `google.rpc.Status` with the details of `google/rpc/error_details.proto`.

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
use crate::framing::{Framing, SseOrJson};
use crate::{Embeddings, Request};

/// The wire's name on its signatures.
const WIRE: &str = "gemini";

/// The protocol.
#[derive(Clone, Copy, Debug)]
pub struct Gemini;

impl Protocol for Gemini {
    fn encode(&self, target: &Target<'_>, request: &Request) -> Result<http::Request<Bytes>> {
        encode::encode(target, request)
    }

    fn decode(&self, body: &[u8], out: &mut Emitter) -> Result<()> {
        decode::decode(body, out)
    }

    fn framing(&self, limit: usize) -> Box<dyn Framing> {
        Box::new(SseOrJson::new(limit))
    }

    fn decoder(&self) -> Box<dyn Decoder> {
        Box::<decode::StreamDecoder>::default()
    }

    fn explain(&self, reply: &ErrorReply<'_>) -> Error {
        explain::explain(reply)
    }
}

impl EmbedProtocol for Gemini {
    fn encode_texts(&self, part: &Part<'_>) -> Result<http::Request<Bytes>> {
        embed::encode(part)
    }

    fn decode_vectors(&self, body: &[u8], part: &Part<'_>) -> Result<Embeddings> {
        embed::decode(body, part)
    }
}
