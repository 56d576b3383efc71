//! AWS event stream (`application/vnd.amazon.eventstream`): binary messages of a prelude, headers and a payload.
//! Source: Smithy's specification "Amazon Event Stream": lengths and checksums are big-endian, the CRC-32 is IEEE's.
//!
//! A message becomes a [`Frame`] named after its event or exception. One that the service did not model (message type
//! `error`) is named `error`, and its data is `code: message`.

mod checksum;

use bytes::{Buf, Bytes};
use graphbit_core::{Error, ErrorCode, Result};

use super::{Frame, Framing};
use checksum::crc32;

/// Length of the message, length of its headers, and a checksum of the two.
const PRELUDE: usize = 12;
/// The smallest message: its prelude and its own checksum.
const LEAST: usize = PRELUDE + 4;

/// The parser. It copies only messages that the network cut.
#[derive(Debug)]
pub struct EventStream {
    limit: usize,
    chunk: Bytes,
    /// The beginning of a message whose end has not arrived.
    carry: Vec<u8>,
}

/// A prelude whose checksum is right.
#[derive(Clone, Copy)]
struct Prelude {
    total: usize,
    headers: usize,
}

impl EventStream {
    /// A parser that refuses a message of more than `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self { limit, chunk: Bytes::new(), carry: Vec::new() }
    }

    /// The next whole message. `None` when its end has not arrived.
    fn message(&mut self) -> Result<Option<(Prelude, Bytes)>> {
        if self.carry.is_empty() {
            if let Some(prelude) = prelude(&self.chunk, self.limit)?
                && self.chunk.len() >= prelude.total
            {
                return Ok(Some((prelude, self.chunk.split_to(prelude.total))));
            }
        } else if !self.fill(PRELUDE) {
            return Ok(None);
        } else if let Some(prelude) = prelude(&self.carry, self.limit)?
            && self.fill(prelude.total)
        {
            return Ok(Some((prelude, std::mem::take(&mut self.carry).into())));
        }
        self.fill(usize::MAX); // what is left of the chunk is less than a message
        Ok(None)
    }

    /// Moves bytes of the chunk over until `wanted` have been. Whether they have.
    fn fill(&mut self, wanted: usize) -> bool {
        let more = wanted.saturating_sub(self.carry.len()).min(self.chunk.len());
        self.carry.extend_from_slice(&self.chunk.split_to(more));
        self.carry.len() >= wanted
    }
}

impl Framing for EventStream {
    fn push(&mut self, bytes: Bytes) {
        if self.chunk.is_empty() {
            self.chunk = bytes;
        } else {
            self.chunk = [&self.chunk[..], &bytes[..]].concat().into();
        }
    }

    fn next(&mut self) -> Result<Option<Frame>> {
        self.message()?.map(|(prelude, message)| read(prelude, message)).transpose()
    }

    /// What is left is the beginning of a message, of which nothing can be said.
    fn finish(&mut self) -> Option<Frame> {
        self.carry.clear();
        None
    }
}

/// The prelude, once it is there. Its checksum is looked at before its lengths are believed.
fn prelude(bytes: &[u8], limit: usize) -> Result<Option<Prelude>> {
    let (Some(total), Some(headers), Some(sum)) = (word(bytes, 0), word(bytes, 4), word(bytes, 8)) else {
        return Ok(None);
    };
    let lengths = bytes.get(..8).unwrap_or_default();
    if crc32(lengths) != sum {
        return Err(corrupt("a prelude's checksum is wrong"));
    }
    let (total, headers) = (total as usize, headers as usize);
    if total < LEAST || headers > total - LEAST {
        return Err(corrupt("a message is shorter than its headers"));
    }
    if total > limit {
        return Err(Error::new(
            ErrorCode::Protocol,
            format!("one message of the stream is larger than the limit of {limit} bytes"),
        ));
    }
    Ok(Some(Prelude { total, headers }))
}

fn read(prelude: Prelude, mut message: Bytes) -> Result<Frame> {
    let end = message.len().saturating_sub(4);
    if word(&message, end) != Some(crc32(message.get(..end).unwrap_or_default())) {
        return Err(corrupt("a message's checksum is wrong"));
    }
    message.truncate(end);
    message.advance(PRELUDE.min(end));
    let headers = message.split_to(prelude.headers.min(message.len()));
    let found = Headers::read(&headers).ok_or_else(|| corrupt("a message's headers break off"))?;
    if found.kind == Some(b"error") {
        let [code, text] = [found.code, found.message].map(Option::unwrap_or_default);
        let data = [code, b": ", text].concat();
        return Ok(Frame { name: Some(Bytes::from_static(b"error")), data: data.into(), terminated: true });
    }
    let name = if found.kind == Some(b"exception") { found.exception } else { found.event };
    Ok(Frame { name: name.map(|name| headers.slice_ref(name)), data: message, terminated: true })
}

/// The headers that say what a message is.
#[derive(Default)]
struct Headers<'a> {
    kind: Option<&'a [u8]>,
    event: Option<&'a [u8]>,
    exception: Option<&'a [u8]>,
    code: Option<&'a [u8]>,
    message: Option<&'a [u8]>,
}

impl<'a> Headers<'a> {
    /// Reads a list of name, type and value. `None` where it breaks off or a type is unknown, whose length nobody knows.
    fn read(mut bytes: &'a [u8]) -> Option<Self> {
        let mut found = Self::default();
        while let Some((&length, rest)) = bytes.split_first() {
            let (name, rest) = rest.split_at_checked(usize::from(length))?;
            let (&kind, rest) = rest.split_first()?;
            let (length, rest) = match kind {
                0 | 1 => (0, rest), // true, false
                2 => (1, rest),
                3 => (2, rest),
                4 => (4, rest),
                5 | 8 => (8, rest), // a long integer, a timestamp
                6 | 7 => {
                    let (length, rest) = rest.split_first_chunk::<2>()?; // bytes, text
                    (usize::from(u16::from_be_bytes(*length)), rest)
                }
                9 => (16, rest), // a UUID
                _ => return None,
            };
            let (value, rest) = rest.split_at_checked(length)?;
            if kind == 7 {
                match name {
                    b":message-type" => found.kind = Some(value),
                    b":event-type" => found.event = Some(value),
                    b":exception-type" => found.exception = Some(value),
                    b":error-code" => found.code = Some(value),
                    b":error-message" => found.message = Some(value),
                    _ => {}
                }
            }
            bytes = rest;
        }
        Some(found)
    }
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|word| u32::from_be_bytes(*word))
}

fn corrupt(what: &str) -> Error {
    Error::new(ErrorCode::Protocol, format!("the reply is no AWS event stream: {what}; is baseUrl right?"))
}

#[cfg(test)]
mod tests;
