//! What a wire does for embeddings, beside its chat: one request for some of the texts, one reply with their vectors.

#[cfg(test)]
mod tests;

use bytes::Bytes;
use graphbit_core::{Error, ErrorCode, Result};

use super::{Target, excerpt};
use crate::vendor::Embedding;
use crate::{EmbedRequest, Embeddings};

/// The embeddings of a wire. Errors are explained as those of its chat are.
pub(crate) trait EmbedProtocol: Send + Sync {
    /// Writes the request for the wire, without credentials.
    ///
    /// # Errors
    /// `INVALID_INPUT` when it cannot be said in this wire.
    fn encode_texts(&self, part: &Part<'_>) -> Result<http::Request<Bytes>>;

    /// Reads the reply.
    ///
    /// # Errors
    /// `PROTOCOL` for bytes that are not this wire's, and for vectors that are not one for each text, all of one length; the
    /// vendor's error where a success carries one.
    fn decode_vectors(&self, body: &[u8], part: &Part<'_>) -> Result<Embeddings>;
}

/// What one request asks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part<'a> {
    /// Where it goes; what is merged into the body is the request's own.
    pub(crate) target: Target<'a>,
    /// What the vendor does differently.
    pub(crate) row: &'a Embedding,
    /// The call.
    pub(crate) request: &'a EmbedRequest,
    /// Its texts that this request is for.
    pub(crate) texts: &'a [String],
}

impl Part<'_> {
    /// About how many bytes the texts are as JSON.
    pub(crate) fn said(&self) -> usize {
        self.texts.iter().map(|text| text.len() + 3).sum()
    }
}

/// A body that is something else.
pub(crate) fn corrupt(body: &[u8]) -> Error {
    Error::new(
        ErrorCode::Protocol,
        format!("the reply has no embeddings; is baseUrl right? It begins: {}", excerpt(body)),
    )
}
