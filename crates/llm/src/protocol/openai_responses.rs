//! OpenAI Responses, and everything that speaks it: Azure, xAI, DeepSeek, OpenRouter, LM Studio, Bedrock Mantle, Codex, Copilot.
//! Source: OpenAI's API reference, "Responses" and "Streaming events".

mod decode;
mod encode;
mod explain;
mod reader;
#[cfg(test)]
mod tests;
mod wire;

use bytes::Bytes;
use graphbit_core::{Error, Result};

use super::{Decoder, Emitter, ErrorReply, Protocol, Target};
use crate::Request;
use crate::framing::{Framing, Sse};

/// What its signatures are known by. Each is an item of thinking, as JSON text.
pub(super) const WIRE: &str = "openai_responses";

/// The protocol.
#[derive(Clone, Copy, Debug)]
pub struct OpenAiResponses;

impl Protocol for OpenAiResponses {
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
