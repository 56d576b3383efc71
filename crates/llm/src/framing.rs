//! Cuts a body into frames. Where the network cut the bytes never changes the frames.

mod event_stream;
#[cfg(test)]
mod fed;
mod json_array;
mod ndjson;
mod sse;
mod sse_or_json;
#[cfg(test)]
mod tests;

use bytes::Bytes;
use graphbit_core::Result;

pub use event_stream::EventStream;
#[cfg(test)]
pub(crate) use fed::{fed, frames};
pub use json_array::JsonArray;
pub use ndjson::NdJson;
pub use sse::Sse;
pub use sse_or_json::SseOrJson;

/// One message of a streamed body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The event's name, where the wire gives one.
    pub name: Option<Bytes>,
    /// The payload.
    pub data: Bytes,
    /// Whether the wire marked its end; the last frame of a body that was cut off has none.
    pub terminated: bool,
}

/// Bytes in, frames out. Nothing is cut ahead of the reader.
pub trait Framing: Send {
    /// Adds what was read. Call it only when [`next`](Framing::next) has given `None`.
    fn push(&mut self, bytes: Bytes);

    /// The next whole frame, or `None` when more bytes are needed.
    ///
    /// # Errors
    /// `PROTOCOL` when a frame grows over the limit.
    fn next(&mut self) -> Result<Option<Frame>>;

    /// What is left when the body has ended.
    fn finish(&mut self) -> Option<Frame>;
}
