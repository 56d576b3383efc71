//! Newline-delimited JSON: one value a line, as `application/x-ndjson` sends it. Blank lines are passed over.
//! The last line needs no line feed; it is handed out marked as not terminated.

use bytes::{Buf, Bytes};
use graphbit_core::{Error, ErrorCode, Result};

use super::{Frame, Framing};

/// The parser. It copies only lines that the network cut.
#[derive(Debug)]
pub struct NdJson {
    limit: usize,
    chunk: Bytes,
    /// The beginning of a line whose end has not arrived.
    carry: Vec<u8>,
}

impl NdJson {
    /// A parser that refuses a line of more than `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self { limit, chunk: Bytes::new(), carry: Vec::new() }
    }

    /// The line that ends in the chunk, without its end. `None` when that has not arrived.
    fn line(&mut self) -> Result<Option<Bytes>> {
        let end = memchr::memchr(b'\n', &self.chunk);
        if self.carry.len() + end.unwrap_or(self.chunk.len()) > self.limit {
            return Err(Error::new(
                ErrorCode::Protocol,
                format!("one line of the stream is larger than the limit of {} bytes", self.limit),
            ));
        }
        let Some(end) = end else {
            self.carry.extend_from_slice(&std::mem::take(&mut self.chunk));
            return Ok(None);
        };
        let rest = self.chunk.split_to(end);
        self.chunk.advance(1);
        if self.carry.is_empty() {
            return Ok(Some(rest));
        }
        let mut line = std::mem::take(&mut self.carry);
        line.extend_from_slice(&rest);
        Ok(Some(line.into()))
    }
}

impl Framing for NdJson {
    fn push(&mut self, bytes: Bytes) {
        if self.chunk.is_empty() {
            self.chunk = bytes;
        } else {
            self.chunk = [&self.chunk[..], &bytes[..]].concat().into();
        }
    }

    fn next(&mut self) -> Result<Option<Frame>> {
        while let Some(line) = self.line()? {
            if let Some(frame) = frame(line, true) {
                return Ok(Some(frame));
            }
        }
        Ok(None)
    }

    fn finish(&mut self) -> Option<Frame> {
        frame(std::mem::take(&mut self.carry).into(), false)
    }
}

fn frame(mut line: Bytes, terminated: bool) -> Option<Frame> {
    line.truncate(line.trim_ascii_end().len());
    (!line.is_empty()).then_some(Frame { name: None, data: line, terminated })
}

#[cfg(test)]
mod tests;
