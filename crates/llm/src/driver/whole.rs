//! A body that is read whole before it is decoded, within its limit.

use bytes::Bytes;
use graphbit_core::{Error, ErrorCode, Result};

/// The chunks so far. A body of one chunk is not copied.
pub(super) struct Whole {
    limit: usize,
    first: Bytes,
    rest: Vec<u8>,
}

impl Whole {
    /// An empty body.
    ///
    /// # Errors
    /// `PROTOCOL` when the head announces more than the limit already.
    pub(super) fn new(limit: usize, announced: Option<u64>) -> Result<Self> {
        match announced {
            Some(length) if length > limit as u64 => Err(too_large(limit)),
            _ => Ok(Self { limit, first: Bytes::new(), rest: Vec::new() }),
        }
    }

    pub(super) fn add(&mut self, chunk: Bytes) -> Result<()> {
        let held = self.first.len() + self.rest.len();
        let size = held.checked_add(chunk.len()).filter(|size| *size <= self.limit);
        let Some(size) = size else { return Err(too_large(self.limit)) };
        if held == 0 {
            self.first = chunk;
            return Ok(());
        }
        if size > self.rest.capacity() {
            // Doubling, but never beyond what may come.
            let wanted = (2 * size).min(self.limit).max(size);
            self.rest.reserve_exact(wanted - self.rest.len());
        }
        self.rest.extend_from_slice(&std::mem::take(&mut self.first));
        self.rest.extend_from_slice(&chunk);
        Ok(())
    }

    pub(super) fn bytes(&self) -> &[u8] {
        if self.rest.is_empty() { &self.first } else { &self.rest }
    }
}

fn too_large(limit: usize) -> Error {
    let message =
        format!("the reply is larger than the limit of {limit} bytes; raise limits.bodyBytes or stream it");
    Error::new(ErrorCode::Protocol, message)
}
