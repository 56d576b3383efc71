//! A body that may be server-sent events, bare JSON, or events with bare JSON after them, told apart by what a line begins with:
//! no field of an event begins with a bracket or a brace (WHATWG HTML, section 9.2.6, ignores such lines).

use bytes::Bytes;
use graphbit_core::Result;

use super::{Frame, Framing, JsonArray, Sse};

/// What may stand before a line's first character: blanks, line ends and, at the very beginning, a byte order mark.
const BLANK: &[u8] = b" \t\r\n\xEF\xBB\xBF";

/// [`Sse`] until a line begins with `{` or `[`, [`JsonArray`] from there on.
#[derive(Debug)]
pub struct SseOrJson {
    events: Sse,
    values: JsonArray,
    /// What of the body has been read so far ends at the beginning of a line, or in the blanks there.
    at_line: bool,
    /// JSON has begun.
    json: bool,
    /// The last event before the JSON has been asked for.
    flushed: bool,
}

impl SseOrJson {
    /// A parser that refuses an event or a value of more than `limit` bytes.
    pub fn new(limit: usize) -> Self {
        let (events, values) = (Sse::new(limit), JsonArray::new(limit));
        Self { events, values, at_line: true, json: false, flushed: false }
    }

    /// Where JSON begins in the next piece of the body.
    fn json_begins(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        loop {
            let rest = bytes.get(at..).unwrap_or_default();
            if self.at_line {
                at += rest.iter().position(|byte| !BLANK.contains(byte))?;
                if matches!(bytes.get(at), Some(b'{' | b'[')) {
                    return Some(at);
                }
                self.at_line = false;
            } else {
                at += memchr::memchr2(b'\n', b'\r', rest)? + 1;
                self.at_line = true;
            }
        }
    }
}

impl Framing for SseOrJson {
    fn push(&mut self, mut bytes: Bytes) {
        if !self.json {
            let begin = self.json_begins(&bytes);
            self.events.push(bytes.split_to(begin.unwrap_or(bytes.len())));
            self.json = begin.is_some();
        }
        if self.json {
            self.values.push(bytes);
        }
    }

    fn next(&mut self) -> Result<Option<Frame>> {
        if !self.flushed {
            if let Some(frame) = self.events.next()? {
                return Ok(Some(frame));
            }
            if !self.json {
                return Ok(None);
            }
            self.flushed = true;
            if let Some(frame) = self.events.finish() {
                return Ok(Some(frame));
            }
        }
        self.values.next()
    }

    fn finish(&mut self) -> Option<Frame> {
        if self.json { self.values.finish() } else { self.events.finish() }
    }
}

#[cfg(test)]
mod tests;
