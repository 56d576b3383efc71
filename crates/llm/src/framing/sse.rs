//! Server-sent events as WHATWG's HTML standard parses them (section 9.2.6), on bytes.
//! Two leniencies: a last event without its blank line is handed out, marked as not terminated; and a field `error`, which
//! llama.cpp's server and GPUStack send for a failure in the middle, is the data of an event of that name.

use bytes::{Buf, Bytes};
use graphbit_core::{Error, ErrorCode, Result};

use super::{Frame, Framing};

/// The parser. It copies only lines that the network cut and events of several `data` lines.
#[derive(Debug)]
pub struct Sse {
    limit: usize,
    chunk: Bytes,
    /// The beginning of a line whose end has not arrived.
    carry: Vec<u8>,
    /// The last line ended with CR: a following LF belongs to it.
    after_cr: bool,
    at_start: bool,
    name: Option<Bytes>,
    data: Data,
}

/// The `data` lines of the event so far.
#[derive(Debug)]
enum Data {
    None,
    One(Bytes),
    Many(Vec<u8>),
}

impl Data {
    fn len(&self) -> usize {
        match self {
            Self::None => 0,
            Self::One(line) => line.len(),
            Self::Many(lines) => lines.len(),
        }
    }

    fn add(&mut self, line: Bytes) {
        *self = match std::mem::replace(self, Self::None) {
            Self::None => Self::One(line),
            Self::One(first) => Self::Many([&first, &b"\n"[..], &line].concat()),
            Self::Many(mut lines) => {
                lines.push(b'\n');
                lines.extend_from_slice(&line);
                Self::Many(lines)
            }
        };
    }

    fn take(&mut self) -> Option<Bytes> {
        match std::mem::replace(self, Self::None) {
            Self::None => None,
            Self::One(line) => Some(line),
            Self::Many(lines) => Some(lines.into()),
        }
    }
}

impl Sse {
    /// A parser that refuses an event of more than `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            chunk: Bytes::new(),
            carry: Vec::new(),
            after_cr: false,
            at_start: true,
            name: None,
            data: Data::None,
        }
    }

    /// Takes the next whole line. `None` when its end has not arrived, else whether the line was blank.
    fn line(&mut self) -> Result<Option<bool>> {
        if self.after_cr && !self.chunk.is_empty() {
            self.after_cr = false;
            if self.chunk.first() == Some(&b'\n') {
                self.chunk.advance(1);
            }
        }
        let end = memchr::memchr2(b'\n', b'\r', &self.chunk);
        let name = self.name.as_ref().map_or(0, Bytes::len);
        let size = self.carry.len() + end.unwrap_or(self.chunk.len()) + self.data.len() + name;
        if size > self.limit {
            return Err(Error::new(
                ErrorCode::Protocol,
                format!("one event of the stream is larger than the limit of {} bytes", self.limit),
            ));
        }
        let Some(end) = end else {
            self.carry.extend_from_slice(&self.chunk);
            self.chunk = Bytes::new();
            return Ok(None);
        };
        self.after_cr = self.chunk.get(end) == Some(&b'\r');
        let blank = if self.carry.is_empty() && end == 0 {
            self.at_start = false;
            true
        } else if self.carry.is_empty() {
            let line = self.chunk.clone();
            self.field(&line, end)
        } else {
            let mut line = std::mem::take(&mut self.carry);
            line.extend_from_slice(self.chunk.get(..end).unwrap_or_default());
            self.field(&line.into(), usize::MAX)
        };
        self.chunk.advance(end + 1);
        Ok(Some(blank))
    }

    /// Takes the line that `chunk` begins with, `end` bytes long. Whether it was blank.
    fn field(&mut self, chunk: &Bytes, end: usize) -> bool {
        let end = end.min(chunk.len());
        let start = match std::mem::take(&mut self.at_start) {
            true if chunk.starts_with(b"\xEF\xBB\xBF") => 3.min(end),
            _ => 0,
        };
        let line = chunk.get(start..end).unwrap_or_default();
        if line.is_empty() {
            return true;
        }
        let colon = memchr::memchr(b':', line).unwrap_or(line.len());
        let (name, rest) = line.split_at_checked(colon).unwrap_or((line, &[]));
        let value = rest.strip_prefix(b":").unwrap_or_default();
        let value = value.strip_prefix(b" ").unwrap_or(value);
        // The value is the line's end: a slice of the chunk, not a copy.
        match name {
            b"data" => self.data.add(chunk.slice(end - value.len()..end)),
            b"event" => self.name = Some(chunk.slice(end - value.len()..end)),
            b"error" => {
                self.name = Some(Bytes::from_static(b"error"));
                self.data.add(chunk.slice(end - value.len()..end));
            }
            _ => {} // comments (an empty name), id, retry, and what the standard says to ignore
        }
        false
    }

    fn dispatch(&mut self, terminated: bool) -> Option<Frame> {
        let name = self.name.take();
        self.data.take().map(|data| Frame { name, data, terminated })
    }
}

impl Framing for Sse {
    fn push(&mut self, bytes: Bytes) {
        if self.chunk.is_empty() {
            self.chunk = bytes;
        } else {
            self.chunk = [&self.chunk[..], &bytes[..]].concat().into();
        }
    }

    fn next(&mut self) -> Result<Option<Frame>> {
        while let Some(blank) = self.line()? {
            if blank && let Some(frame) = self.dispatch(true) {
                return Ok(Some(frame));
            }
        }
        Ok(None)
    }

    fn finish(&mut self) -> Option<Frame> {
        let rest = std::mem::take(&mut self.carry);
        if !rest.is_empty() {
            self.field(&rest.into(), usize::MAX);
        }
        self.dispatch(false)
    }
}
