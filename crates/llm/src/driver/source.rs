//! A reply's body with its clocks: bytes as they arrive, or the clock that ran out first.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use graphbit_core::{Error, Result};
use tokio::time::{Instant, Sleep};

use super::late;
use crate::config::Timeouts;
use crate::transport::Body;

/// A moment and the clock that names it.
pub(super) type Deadline = (Instant, &'static str);

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

    pub(super) fn headers(&self) -> Deadline {
        earlier((after(self.start, self.timeouts.headers), "headers"), self.first_event())
    }

    pub(super) fn first_event(&self) -> Deadline {
        self.within_total((after(self.start, self.timeouts.first_event), "firstEvent"))
    }

    /// For a read of the body that begins to wait now. Bytes alone, as servers send them to keep a connection alive, are no
    /// event: until the first one its clock runs on.
    fn read(&self, bytes_came: bool, events_came: bool) -> Deadline {
        let idle = (after(Instant::now(), self.timeouts.idle), "idle");
        match (bytes_came, events_came) {
            (false, _) => self.first_event(),
            (true, false) => earlier(self.first_event(), idle),
            (true, true) => self.within_total(idle),
        }
    }

    fn within_total(&self, deadline: Deadline) -> Deadline {
        match self.timeouts.total {
            Some(total) => earlier(deadline, (after(self.start, total), "total")),
            None => deadline,
        }
    }
}

fn earlier(one: Deadline, other: Deadline) -> Deadline {
    if other.0 < one.0 { other } else { one }
}

/// `start + wait`; a wait too long for the clock is a year.
pub(crate) fn after(start: Instant, wait: Duration) -> Instant {
    const YEAR: Duration = Duration::from_secs(365 * 86_400);
    start.checked_add(wait.min(YEAR)).unwrap_or(start)
}

/// A body being read.
pub(super) struct Source {
    body: Body,
    clocks: Clocks,
    bytes_came: bool,
    /// Since the current read began to wait.
    deadline: Option<Deadline>,
    /// How long the rest may take, and until when that is.
    rest: Option<(Duration, Instant)>,
    /// One timer for all reads: as long as bytes come in time it is never touched.
    timer: Option<Pin<Box<Sleep>>>,
    /// Bytes since somebody else had a turn.
    taken: usize,
}

/// So many bytes are read in one turn: then whoever waits has one, and whoever watches over memory has a look.
const TURN: usize = 128 << 10;

impl Source {
    pub(super) fn new(body: Body, clocks: Clocks) -> Self {
        Self { body, clocks, bytes_came: false, deadline: None, rest: None, timer: None, taken: 0 }
    }

    /// The next bytes, or `None` at the body's end.
    pub(super) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        events_came: bool,
    ) -> Poll<Result<Option<Bytes>>> {
        if self.taken >= TURN {
            self.taken = 0;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        if let Poll::Ready(read) = self.body.as_mut().poll_next(cx) {
            self.bytes_came = true;
            self.deadline = None;
            self.taken += read.as_ref().and_then(|read| read.as_ref().ok()).map_or(0, Bytes::len);
            return Poll::Ready(read.transpose());
        }
        self.taken = 0;
        let (clocks, bytes_came) = (&self.clocks, self.bytes_came);
        let (at, clock) = *self.deadline.get_or_insert_with(|| clocks.read(bytes_came, events_came));
        ready!(poll_until(&mut self.timer, at, cx));
        Poll::Ready(Err(late(clock)))
    }

    /// Reads what follows the wire's end until the body ends, too, so that its connection can be used again. Gives up on a
    /// body that takes longer than `patience`, or has more than `left` bytes.
    pub(super) fn poll_drain(
        &mut self,
        cx: &mut Context<'_>,
        patience: Duration,
        left: &mut usize,
    ) -> Poll<()> {
        loop {
            match ready!(self.poll_rest(cx, patience)) {
                Some(chunk) if chunk.len() < *left => *left -= chunk.len(),
                _ => return Poll::Ready(()),
            }
        }
    }

    /// The next bytes of what follows the end of the turn; `None` once the body ends, breaks, or is silent for longer than
    /// `patience`.
    pub(super) fn poll_trailer(&mut self, cx: &mut Context<'_>, patience: Duration) -> Poll<Option<Bytes>> {
        let read = ready!(self.poll_rest(cx, patience));
        self.rest = None;
        Poll::Ready(read)
    }

    /// The next bytes of what follows the wire's end; `None` once the body ends, breaks, or has taken longer than `patience`
    /// in all, counted from the first wait for as much.
    pub(super) fn poll_rest(&mut self, cx: &mut Context<'_>, patience: Duration) -> Poll<Option<Bytes>> {
        if let Poll::Ready(read) = self.body.as_mut().poll_next(cx) {
            return Poll::Ready(read.and_then(Result::ok));
        }
        let at = match self.rest {
            Some((of, at)) if of == patience => at,
            _ => self.clocks.within_total((after(Instant::now(), patience), "rest")).0,
        };
        self.rest = Some((patience, at));
        ready!(poll_until(&mut self.timer, at, cx));
        Poll::Ready(None)
    }

    /// Lets go of the body: a connection that has not come to its end is closed.
    pub(super) fn close(&mut self) {
        self.body = Box::pin(stream::empty());
        self.timer = None;
    }
}

/// Ready once `at` has passed. A timer that is set for earlier is left alone until it rings.
fn poll_until(timer: &mut Option<Pin<Box<Sleep>>>, at: Instant, cx: &mut Context<'_>) -> Poll<()> {
    let timer = timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(at)));
    if timer.deadline() > at {
        timer.as_mut().reset(at);
    }
    loop {
        ready!(timer.as_mut().poll(cx));
        if timer.deadline() >= at {
            return Poll::Ready(());
        }
        timer.as_mut().reset(at);
    }
}

/// Why an attempt failed that waited for one thing until a deadline.
pub(super) async fn by<T>(deadline: Deadline, work: impl Future<Output = Result<T>>) -> Result<T> {
    let late = |_| -> Error { late(deadline.1) };
    tokio::time::timeout_at(deadline.0, work).await.map_err(late)?
}
