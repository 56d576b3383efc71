//! One deadline for a whole call, over every attempt and wait within it. The clocks of a single attempt are the client's.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use async_trait::async_trait;
use futures_core::Stream;
use graphbit_core::{Error, ErrorCode, Result};
use tokio::time::{Instant, Sleep, sleep_until, timeout_at};

use super::placed;
use crate::driver::after;
use crate::model::Prepared;
use crate::{Event, EventStream, Model, ModelInfo, Opening, Request};

/// The layer: a call that is not done in time fails with `TIMEOUT` and the clock `total`. Events that have arrived are handed
/// out first: a reply is cut off only where its reader would wait.
pub struct Timeout {
    inner: Arc<dyn Model>,
    total: Duration,
}

impl Timeout {
    /// Gives each call this long.
    ///
    /// # Errors
    /// `CONFIG` for no time at all.
    pub fn new(inner: Arc<dyn Model>, total: Duration) -> Result<Self> {
        if total.is_zero() {
            return Err(Error::config("totalTimeoutMs must be greater than 0; leave it out for no limit"));
        }
        Ok(Self { inner, total })
    }

    async fn within(&self, opening: impl Future<Output = Result<EventStream>> + Send) -> Result<EventStream> {
        let deadline = after(Instant::now(), self.total);
        match timeout_at(deadline, opening).await {
            Ok(opened) => {
                let (events, model) = (Some(opened?), Arc::clone(&self.inner));
                Ok(Box::pin(Timed { events, model, total: self.total, deadline, timer: None }))
            }
            Err(_) => Err(late(self.total, self.info())),
        }
    }
}

#[async_trait]
impl Model for Timeout {
    fn info(&self) -> &ModelInfo {
        self.inner.info()
    }

    fn stream<'s, 'a>(&'s self, request: Request) -> Opening<'a>
    where
        's: 'a,
        Self: 'a,
    {
        Box::pin(self.within(self.inner.stream(request)))
    }

    fn prepare(&self, request: Request) -> Result<Prepared> {
        self.inner.prepare(request)
    }

    async fn send(&self, prepared: &Prepared) -> Result<EventStream> {
        self.within(self.inner.send(prepared)).await
    }
}

/// A reply with its deadline.
struct Timed {
    /// `None` once it has ended, so that a late reply's connection is closed at once.
    events: Option<EventStream>,
    model: Arc<dyn Model>,
    total: Duration,
    deadline: Instant,
    /// Made when somebody first waits.
    timer: Option<Pin<Box<Sleep>>>,
}

impl Stream for Timed {
    type Item = Result<Event>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let Some(events) = &mut this.events else { return Poll::Ready(None) };
        if let Poll::Ready(item) = events.as_mut().poll_next(cx) {
            if !matches!(item, Some(Ok(_))) {
                (this.events, this.timer) = (None, None);
            }
            return Poll::Ready(item);
        }
        let deadline = this.deadline;
        ready!(this.timer.get_or_insert_with(|| Box::pin(sleep_until(deadline))).as_mut().poll(cx));
        (this.events, this.timer) = (None, None);
        Poll::Ready(Some(Err(late(this.total, this.model.info()))))
    }
}

fn late(total: Duration, info: &ModelInfo) -> Error {
    let message = format!(
        "the call with all its attempts took longer than totalTimeoutMs ({} ms); raise it if that is expected",
        total.as_millis()
    );
    placed(Error::new(ErrorCode::Timeout, message), info).clock("total").spent()
}

#[cfg(test)]
mod tests;
