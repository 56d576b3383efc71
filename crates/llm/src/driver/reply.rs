//! The body of one reply as a stream of events.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use graphbit_core::{Error, ErrorCode, Partial, Result};
use tokio::time::{Instant, timeout_at};

use super::{decode, late, place};
use crate::config::{Config, Timeouts};
use crate::framing::Framing;
use crate::protocol::{Decoder, Emitter, Protocol, truncated};
use crate::transport::Body;
use crate::{Event, EventStream};

/// How long the connection may take to end after the wire's own end, so that it can be used again.
const DRAIN: Duration = Duration::from_millis(100);

/// When the clocks of an attempt run out.
#[derive(Clone, Copy)]
pub(super) struct Clocks {
    timeouts: Timeouts,
    start: Instant,
}

impl Clocks {
    pub(super) fn start(timeouts: Timeouts) -> Self {
        Self { timeouts, start: Instant::now() }
    }

    pub(super) fn headers(&self) -> (Instant, &'static str) {
        self.first_of(self.start + self.timeouts.headers, "headers")
    }

    pub(super) fn first_event(&self) -> (Instant, &'static str) {
        self.first_of(self.start + self.timeouts.first_event, "firstEvent")
    }

    fn idle(&self) -> (Instant, &'static str) {
        self.first_of(Instant::now() + self.timeouts.idle, "idle")
    }

    fn first_of(&self, deadline: Instant, clock: &'static str) -> (Instant, &'static str) {
        match self.timeouts.total.map(|total| self.start + total) {
            Some(total) if total < deadline => (total, "total"),
            _ => (deadline, clock),
        }
    }
}

/// A reply being read.
pub(super) struct Reply {
    config: Arc<Config>,
    body: Body,
    clocks: Clocks,
    out: Emitter,
    read: Read,
    begun: bool,
    /// An error that comes after what was decoded before it.
    failure: Option<Error>,
}

enum Read {
    Whole(&'static dyn Protocol),
    Streamed(Box<dyn Framing>, Box<dyn Decoder>),
    /// Nothing more will be decoded.
    Done,
}

impl Reply {
    pub(super) fn new(config: Arc<Config>, protocol: &'static dyn Protocol, body: Body, clocks: Clocks, whole: bool) -> Self {
        let read = if whole {
            Read::Whole(protocol)
        } else {
            Read::Streamed(protocol.framing(config.limits.event_bytes), protocol.decoder())
        };
        Self { config, body, clocks, out: Emitter::default(), read, begun: false, failure: None }
    }

    pub(super) fn into_stream(self) -> EventStream {
        Box::pin(stream::unfold(Some(self), |reply| async move {
            let mut reply = reply?;
            match reply.next().await {
                Ok(Some(event)) => Some((Ok(event), Some(reply))),
                Ok(None) => None,
                // Dropping the reply here closes its connection at once.
                Err(error) => Some((Err(reply.explain(error)), None)),
            }
        }))
    }

    async fn next(&mut self) -> Result<Option<Event>> {
        loop {
            if let Some(event) = self.out.pop() {
                return Ok(Some(event));
            }
            if let Some(error) = self.failure.take() {
                return Err(error);
            }
            match self.step().await {
                Ok(true) => {}
                Ok(false) => return Ok(None),
                Err(error) => {
                    self.failure = Some(error);
                    self.read = Read::Done;
                }
            }
        }
    }

    /// Decodes one more frame, reading more of the body when there is none. `false` when all is said.
    async fn step(&mut self) -> Result<bool> {
        match &mut self.read {
            Read::Whole(protocol) => {
                let protocol = *protocol;
                let body = self.whole().await?;
                self.read = Read::Done;
                decode(protocol, &body, &mut self.out)?;
                Ok(true)
            }
            Read::Streamed(framing, decoder) => {
                if self.out.is_closed() {
                    self.read = Read::Done;
                    self.drain().await;
                } else if let Some(frame) = framing.next()? {
                    decoder.frame(&frame, &mut self.out)?;
                } else if let Some(bytes) = read(&mut self.body, self.clocks, &mut self.begun).await? {
                    framing.push(bytes);
                } else {
                    let last = framing.finish();
                    let read = last.map_or(Ok(()), |frame| decoder.frame(&frame, &mut self.out));
                    let complete = self.out.is_finished();
                    self.read = Read::Done;
                    self.out.close();
                    read?;
                    if !complete && !self.out.is_closed() {
                        return Err(truncated());
                    }
                }
                Ok(true)
            }
            Read::Done => Ok(false),
        }
    }

    async fn whole(&mut self) -> Result<Vec<u8>> {
        let limit = self.config.limits.body_bytes;
        let mut whole = Vec::new();
        while let Some(chunk) = read(&mut self.body, self.clocks, &mut self.begun).await? {
            if whole.len() + chunk.len() > limit {
                let message = format!("the reply is larger than the limit of {limit} bytes; raise limits.bodyBytes or stream it");
                return Err(Error::new(ErrorCode::Protocol, message));
            }
            whole.extend_from_slice(&chunk);
        }
        Ok(whole)
    }

    /// Reads what follows the wire's end, which is nothing or a few bytes; whatever it is, the reply is complete.
    async fn drain(&mut self) {
        let deadline = Instant::now() + DRAIN;
        let mut left: usize = 64 << 10;
        while let Ok(Some(Ok(chunk))) = timeout_at(deadline, self.body.next()).await {
            left = left.saturating_sub(chunk.len());
            if left == 0 {
                return;
            }
        }
    }

    fn explain(&self, error: Error) -> Error {
        let counted = self.out.counted();
        let mut partial = Partial::default();
        partial.events = counted.events;
        partial.text_bytes = counted.text_bytes;
        place(&self.config, error).with_partial(partial)
    }
}

/// The next bytes of a body, or `None` at its end.
async fn read(body: &mut Body, clocks: Clocks, begun: &mut bool) -> Result<Option<Bytes>> {
    let (deadline, clock) = if *begun { clocks.idle() } else { clocks.first_event() };
    match timeout_at(deadline, body.next()).await {
        Err(_) => Err(late(clock)),
        Ok(None) => Ok(None),
        Ok(Some(Ok(bytes))) => {
            *begun = true;
            Ok(Some(bytes))
        }
        // A connection that breaks in the middle of a reply has cut it off: trying again may cost twice.
        Ok(Some(Err(error))) if *begun => Err(truncated().caused_by(error)),
        Ok(Some(Err(error))) => Err(error),
    }
}
