//! One streamed body on its way from bytes to events: the framing, the decoder, and a failure that the vendor has told of.
//!
//! Behind such a failure some vendors count the tokens that the reply cost all the same. The next few frames are read for
//! that; whatever else is in them is not taken.

use bytes::Bytes;
use graphbit_core::{Error, ErrorCode, Result};

use super::{Decoder, Emitter, Protocol};
use crate::framing::{Frame, Framing};

/// How many frames behind a failure are read.
const BEHIND: u32 = 4;

/// The body so far.
pub(crate) struct Reading {
    framing: Box<dyn Framing>,
    decoder: Box<dyn Decoder>,
    limit: usize,
    failure: Option<Error>,
    behind: u32,
}

impl Reading {
    /// Of a body whose frames have at most `limit` bytes.
    pub(crate) fn new(protocol: &dyn Protocol, limit: usize) -> Self {
        Self {
            framing: protocol.framing(limit),
            decoder: protocol.decoder(),
            limit,
            failure: None,
            behind: 0,
        }
    }

    /// Adds bytes.
    pub(crate) fn push(&mut self, bytes: Bytes) {
        self.framing.push(bytes);
    }

    /// Whether the vendor has told of a failure: of what follows little is read.
    pub(crate) fn has_failed(&self) -> bool {
        self.failure.is_some()
    }

    /// Decodes a frame; `false` when that takes more bytes.
    ///
    /// # Errors
    /// `PROTOCOL` for bytes that are none of this wire's; the vendor's own failure, once what is behind it has been read.
    pub(crate) fn step(&mut self, out: &mut Emitter) -> Result<bool> {
        let frame = match (self.framing.next(), &self.failure) {
            (Ok(Some(frame)), _) => frame,
            (Ok(None), _) => return Ok(false),
            (Err(error), None) => return Err(error),
            (Err(_), Some(_)) => return self.end().map(|()| false),
        };
        self.read(&frame, out)?;
        Ok(true)
    }

    /// The body has ended: decodes what is left of it.
    ///
    /// # Errors
    /// As for [`step`](Self::step).
    pub(crate) fn finish(&mut self, out: &mut Emitter) -> Result<()> {
        if let Some(frame) = self.framing.finish() {
            self.read(&frame, out)?;
        }
        self.end()
    }

    /// The failure, where there is one.
    pub(crate) fn end(&mut self) -> Result<()> {
        self.failure.take().map_or(Ok(()), Err)
    }

    fn read(&mut self, frame: &Frame, out: &mut Emitter) -> Result<()> {
        let read = self.decoder.frame(frame, out);
        if self.has_failed() {
            self.behind += 1;
            return if self.behind < BEHIND { Ok(()) } else { self.end() };
        }
        match read {
            Ok(()) => out.check(self.limit),
            Err(error) if error.code() == ErrorCode::Protocol => Err(error),
            Err(error) => {
                out.fail();
                self.failure = Some(error);
                Ok(())
            }
        }
    }
}
