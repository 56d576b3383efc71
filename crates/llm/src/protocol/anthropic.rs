//! Anthropic's Messages, and everything that speaks it: Claude on Azure, on Vertex AI and behind gateways.
//! Source: Anthropic's API reference, "Messages", "Streaming Messages", "Errors" and "Versions".

mod decode;
mod encode;
mod explain;
#[cfg(test)]
mod tests;
mod wire;

use bytes::Bytes;
use graphbit_core::{Error, Result};

use super::{Decoder, Emitter, ErrorReply, Protocol, Target};
use crate::Request;
use crate::framing::{Framing, Sse};

pub use encode::DEFAULT_MAX_TOKENS;

/// What signatures of this wire are marked with. They hold on every cloud ("Extended thinking").
pub(super) const WIRE: &str = "anthropic";

/// Stands before the data of thinking that the vendor shows only in cipher. A signature proper is base64, which has no colon.
const HIDDEN: &str = "redacted:";

/// The protocol.
#[derive(Clone, Copy, Debug)]
pub struct Anthropic;

impl Protocol for Anthropic {
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
        Box::<decode::StreamDecoder>::default()
    }

    fn explain(&self, reply: &ErrorReply<'_>) -> Error {
        explain::explain(reply)
    }
}
