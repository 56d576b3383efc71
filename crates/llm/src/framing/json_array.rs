//! JSON values that arrive one after another: the elements of an array (as Google's APIs stream without `alt=sse`), or values
//! that stand alone. Only where values begin and end is looked at (RFC 8259); whether they are JSON is the decoder's to say.

use bytes::{Buf, Bytes};
use graphbit_core::{Error, ErrorCode, Result};

use super::{Frame, Framing};

/// The parser: a frame is a value that is complete. It copies only values that the network cut, and keeps no list.
#[derive(Debug)]
pub struct JsonArray {
    limit: usize,
    chunk: Bytes,
    /// The beginning of a value whose end has not arrived; it has been looked through already.
    carry: Vec<u8>,
    /// The bracket of the array itself has been passed.
    opened: bool,
    place: Place,
    /// Brackets and braces that are open within the value.
    depth: usize,
}

/// Where the next byte is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Between,
    Value,
    Text,
    Escape,
}

impl JsonArray {
    /// A parser that refuses a value of more than `limit` bytes.
    pub fn new(limit: usize) -> Self {
        let (chunk, carry) = (Bytes::new(), Vec::new());
        Self { limit, chunk, carry, opened: false, place: Place::Between, depth: 0 }
    }

    /// Passes over what stands between values. Whether a value begins.
    fn begin(&mut self) -> bool {
        while let Some(byte) = self.chunk.first() {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b',' | b']' => {}
                b'[' if !self.opened => self.opened = true,
                _ => {
                    self.place = Place::Value;
                    return true;
                }
            }
            self.chunk.advance(1);
        }
        false
    }

    /// Looks through the chunk for the end of the value.
    fn end(&mut self) -> Option<usize> {
        let mut at = 0;
        while let Some((&byte, _)) = self.chunk.get(at..).and_then(<[u8]>::split_first) {
            match self.place {
                Place::Escape => self.place = Place::Text,
                Place::Text => {
                    let rest = self.chunk.get(at..).unwrap_or_default();
                    at += memchr::memchr2(b'"', b'\\', rest)?;
                    self.place = match self.chunk.get(at) {
                        Some(b'"') => Place::Value,
                        _ => Place::Escape,
                    };
                    if self.place == Place::Value && self.depth == 0 {
                        return Some(at + 1);
                    }
                }
                Place::Between | Place::Value => match byte {
                    b'"' => self.place = Place::Text,
                    b'{' | b'[' => self.depth += 1,
                    b'}' | b']' if self.depth > 1 => self.depth -= 1,
                    b'}' => return Some(at + 1),
                    b']' if self.depth == 1 => return Some(at + 1),
                    // A number or a word ends where something else begins.
                    b' ' | b'\t' | b'\r' | b'\n' | b',' | b']' if self.depth == 0 => return Some(at),
                    _ => {}
                },
            }
            at += 1;
        }
        None
    }

    fn frame(&mut self, data: Bytes, terminated: bool) -> Frame {
        (self.place, self.depth) = (Place::Between, 0);
        Frame { name: None, data, terminated }
    }
}

impl Framing for JsonArray {
    fn push(&mut self, bytes: Bytes) {
        if self.chunk.is_empty() {
            self.chunk = bytes;
        } else {
            self.chunk = [&self.chunk[..], &bytes[..]].concat().into();
        }
    }

    fn next(&mut self) -> Result<Option<Frame>> {
        if self.place == Place::Between && !self.begin() {
            return Ok(None);
        }
        let end = self.end();
        if self.carry.len() + end.unwrap_or(self.chunk.len()) > self.limit {
            return Err(Error::new(
                ErrorCode::Protocol,
                format!("one element of the stream is larger than the limit of {} bytes", self.limit),
            ));
        }
        let Some(end) = end else {
            self.carry.extend_from_slice(&self.chunk);
            self.chunk = Bytes::new();
            return Ok(None);
        };
        let data = self.chunk.split_to(end);
        if self.carry.is_empty() {
            return Ok(Some(self.frame(data, true)));
        }
        let mut value = std::mem::take(&mut self.carry);
        value.extend_from_slice(&data);
        Ok(Some(self.frame(value.into(), true)))
    }

    fn finish(&mut self) -> Option<Frame> {
        let rest = Bytes::from(std::mem::take(&mut self.carry));
        (!rest.is_empty()).then(|| self.frame(rest, false))
    }
}

#[cfg(test)]
mod tests;
