//! Server-sent events as WHATWG's HTML standard parses them (section 9.2.6), on bytes.
//! One leniency: a last event without its blank line is handed out, marked as not terminated.

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

    /// The next line without its end, or `None` when its end has not arrived.
    fn line(&mut self) -> Result<Option<Bytes>> {
        if self.after_cr && !self.chunk.is_empty() {
            self.after_cr = false;
            if self.chunk.first() == Some(&b'\n') {
                self.chunk.advance(1);
            }
        }
        let end = self.chunk.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        let size = self.carry.len() + end.unwrap_or(self.chunk.len()) + self.data.len();
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
        let mut line = self.chunk.split_to(end);
        self.after_cr = self.chunk.first() == Some(&b'\r');
        self.chunk.advance(1);
        if !self.carry.is_empty() {
            let mut whole = std::mem::take(&mut self.carry);
            whole.extend_from_slice(&line);
            line = whole.into();
        }
        if self.at_start {
            self.at_start = false;
            if line.starts_with(b"\xEF\xBB\xBF") {
                line.advance(3);
            }
        }
        Ok(Some(line))
    }

    /// Takes one line that is not blank.
    fn field(&mut self, mut line: Bytes) {
        let colon = line.iter().position(|&byte| byte == b':');
        let name = line.split_to(colon.unwrap_or(line.len()));
        if !line.is_empty() {
            line.advance(1);
        }
        if line.first() == Some(&b' ') {
            line.advance(1);
        }
        match &*name {
            b"data" => self.data.add(line),
            b"event" => self.name = Some(line),
            _ => {} // comments (an empty name), id, retry, and what the standard says to ignore
        }
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
        while let Some(line) = self.line()? {
            if !line.is_empty() {
                self.field(line);
            } else if let Some(frame) = self.dispatch(true) {
                return Ok(Some(frame));
            }
        }
        Ok(None)
    }

    fn finish(&mut self) -> Option<Frame> {
        let rest = std::mem::take(&mut self.carry);
        if !rest.is_empty() {
            self.field(rest.into());
        }
        self.dispatch(false)
    }
}
