//! Amazon Bedrock's Converse API: one JSON for every model it hosts, streamed as an AWS event stream.
//! Source: Amazon Bedrock API reference, "Converse" and "ConverseStream".

mod decode;
mod encode;
mod explain;
mod reasoning;
#[cfg(test)]
mod tests;
mod wire;

use bytes::Bytes;
use graphbit_core::{Error, Result};

use super::{Decoder, Emitter, ErrorReply, Protocol, Target};
use crate::Request;
use crate::framing::{EventStream, Framing};

/// The name of marks that came by this wire.
pub(super) const WIRE: &str = "bedrock_converse";

/// The protocol.
#[derive(Clone, Copy, Debug)]
pub struct BedrockConverse;

impl Protocol for BedrockConverse {
    fn encode(&self, target: &Target<'_>, request: &Request) -> Result<http::Request<Bytes>> {
        encode::encode(target, request)
    }

    fn decode(&self, body: &[u8], out: &mut Emitter) -> Result<()> {
        decode::decode(body, out)
    }

    fn framing(&self, limit: usize) -> Box<dyn Framing> {
        Box::new(EventStream::new(limit))
    }

    fn decoder(&self) -> Box<dyn Decoder> {
        Box::new(decode::StreamDecoder)
    }

    fn explain(&self, reply: &ErrorReply<'_>) -> Error {
        explain::explain(reply)
    }
}
