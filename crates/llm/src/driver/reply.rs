//! The body of one reply as a stream of events.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::Stream;
use graphbit_core::{Error, ErrorCode, Partial, Result, Retry};
use http::HeaderValue;

use super::source::Source;
use super::whole::Whole;
use super::{Asked, decode};
use crate::Event;
use crate::protocol::{Emitter, Protocol, Reading, truncated};

/// How long the connection may take to end after the wire's own end or a failure, so that it can be used again.
const DRAIN: Duration = Duration::from_millis(100);
/// How long a server may be silent behind the end of the turn, where some vendors count the tokens.
const TRAILER: Duration = Duration::from_secs(10);
/// How much may follow the wire's own end.
const DRAIN_BYTES: usize = 64 << 10;

/// A reply being read.
pub(super) struct Reply {
    asked: Asked,
    /// The server's name for the exchange, for an error in it. Where the body's length is known it is a part of the head's bytes.
    request_id: Option<HeaderValue>,
    source: Source,
    out: Emitter,
    read: Read,
    /// An error that comes after what was decoded before it.
    failure: Option<Error>,
}

/// How the body is read.
pub(super) enum Read {
    /// To its end, then decoded.
    Whole(&'static dyn Protocol, Whole),
    /// Frame by frame.
    Streamed(Box<Reading>),
    /// The reply is complete; so many bytes may follow it.
    Drained(usize),
    /// Nothing more is read.
    Done,
}

impl Reply {
    pub(super) fn new(asked: Asked, request_id: Option<HeaderValue>, source: Source, read: Read) -> Self {
        Self { asked, request_id, source, out: Emitter::default(), read, failure: None }
    }

    /// One step further: a frame decoded, or more of the body read. `false` when all is said.
    fn step(&mut self, cx: &mut Context<'_>) -> Poll<Result<bool>> {
        let events_came = self.out.counted().events > 0;
        match &mut self.read {
            Read::Whole(protocol, whole) => {
                if let Some(bytes) = ready!(self.source.poll_read(cx, events_came))? {
                    whole.add(bytes)?;
                } else {
                    decode(*protocol, whole.bytes(), &mut self.out)?;
                    self.end();
                }
            }
            Read::Streamed(reading) => {
                if self.out.is_closed() {
                    self.read = Read::Drained(DRAIN_BYTES);
                } else if reading.step(&mut self.out)? {
                    // Its events are handed on before more is read.
                } else {
                    let read = if reading.has_failed() {
                        ready!(self.source.poll_rest(cx, DRAIN))
                    } else if self.out.is_finished() {
                        // However the connection ends now, the turn is complete.
                        ready!(self.source.poll_trailer(cx, TRAILER))
                    } else {
                        ready!(self.source.poll_read(cx, events_came))?
                    };
                    if let Some(bytes) = read {
                        reading.push(bytes);
                    } else {
                        reading.finish(&mut self.out)?;
                        self.end();
                        self.out.close();
                        if !self.out.is_closed() {
                            return Poll::Ready(Err(truncated()));
                        }
                    }
                }
            }
            Read::Drained(left) => {
                ready!(self.source.poll_drain(cx, DRAIN, left));
                self.end();
            }
            Read::Done => return Poll::Ready(Ok(false)),
        }
        Poll::Ready(Ok(true))
    }

    fn end(&mut self) {
        self.read = Read::Done;
        self.source.close();
    }

    fn explain(&self, error: Error) -> Error {
        let counted = self.out.counted();
        // What has begun to arrive and breaks off is cut: trying again may cost twice.
        let cut = error.code() == ErrorCode::Network && counted.events > 0;
        let error = if cut { truncated().caused_by(error) } else { error };
        let nothing_came = error.code() == ErrorCode::Truncated && counted.events == 0;
        let error = if nothing_came { error.retry(Retry::Now) } else { error };
        let error = match self.request_id.as_ref().and_then(|id| id.to_str().ok()) {
            Some(id) if error.context().request_id.is_none() => error.request_id(id),
            _ => error,
        };
        let mut partial = Partial::default();
        partial.events = counted.events;
        partial.text_bytes = counted.text_bytes;
        self.asked.place(error).with_partial(partial)
    }
}

impl Stream for Reply {
    type Item = Result<Event>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if let Some(mut event) = this.out.pop() {
                if let Event::Signature { signature, .. } = &mut event {
                    signature.provider.clone_from(&this.asked.config.info().provider);
                }
                return Poll::Ready(Some(Ok(event)));
            }
            if let Some(error) = this.failure.take() {
                return Poll::Ready(Some(Err(this.explain(error))));
            }
            match ready!(this.step(cx)) {
                Ok(true) => {}
                Ok(false) => return Poll::Ready(None),
                Err(error) => {
                    this.end(); // closes the connection now, not when the events before the error have been read
                    this.out.abandon();
                    this.failure = Some(error);
                }
            }
        }
    }
}
