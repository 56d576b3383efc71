//! Reads a model's reply no faster than there is room for it: above a soft limit slowly, so that the sender feels it, above a
//! hard one not at all.

use std::future::{poll_fn, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::Stream;
use graphbit_core::Result;
use graphbit_llm::{Event, EventStream, Model, ModelInfo, Opening, Request};
use graphbit_memory::{Budget, Pressure};
use tokio::time::{Sleep, sleep};

use super::check;
use super::process::look_around;

/// A model whose replies stay within a budget.
pub(crate) struct Bounded {
    inner: Arc<dyn Model>,
    budget: Budget,
}

/// How long a socket is left alone above a soft limit, each time that it has something. What is under way still comes to its
/// end, and gives back what it holds.
const PAUSE: Duration = Duration::from_millis(50);
/// Events that had arrived with one read, at the most.
const BURST: u32 = 64;

impl Bounded {
    /// Within the budget where there is a limit; else the model as it is.
    pub(crate) fn within(inner: Arc<dyn Model>, budget: &Budget) -> Arc<dyn Model> {
        match budget.is_limited() {
            true => Arc::new(Self { inner, budget: budget.clone() }),
            false => inner,
        }
    }
}

#[async_trait]
impl Model for Bounded {
    fn info(&self) -> &ModelInfo {
        self.inner.info()
    }

    fn stream<'s, 'a>(&'s self, request: Request) -> Opening<'a>
    where
        's: 'a,
        Self: 'a,
    {
        if let Err(error) = check(&self.budget) {
            return Box::pin(ready(Err(error)));
        }
        // Layers below may read up to the first event, which of a whole reply is its end.
        let (mut pace, mut opening) = (Pace::default(), self.inner.stream(request));
        Box::pin(async move {
            let inner = poll_fn(|cx| {
                ready!(pace.poll(&self.budget, cx))?;
                let opened = opening.as_mut().poll(cx);
                pace.took(opened.is_ready());
                opened
            })
            .await?;
            check(&self.budget)?;
            Ok(Box::pin(Reading { inner, budget: self.budget.clone(), pace }) as EventStream)
        })
    }
}

/// A reply that is read within a budget.
struct Reading {
    inner: EventStream,
    budget: Budget,
    pace: Pace,
}

impl Stream for Reading {
    type Item = Result<Event>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if let Err(error) = ready!(this.pace.poll(&this.budget, cx)) {
            return Poll::Ready(Some(Err(error)));
        }
        let event = this.inner.as_mut().poll_next(cx);
        this.pace.took(event.is_ready());
        event
    }
}

/// When the next read may be made.
#[derive(Default)]
struct Pace {
    pause: Option<Pin<Box<Sleep>>>,
    /// Events that may still be taken before the next pause.
    burst: u32,
}

impl Pace {
    /// Pauses above a soft limit; `MEMORY` above a hard one.
    fn poll(&mut self, budget: &Budget, cx: &mut Context<'_>) -> Poll<Result<()>> {
        if let Some(pause) = &mut self.pause {
            ready!(pause.as_mut().poll(cx));
            (self.pause, self.burst) = (None, BURST);
        }
        look_around();
        match budget.check() {
            Pressure::Hard(_) => Poll::Ready(check(budget)),
            Pressure::Soft if self.burst == 0 => {
                let pause = self.pause.insert(Box::pin(sleep(PAUSE)));
                ready!(pause.as_mut().poll(cx));
                (self.pause, self.burst) = (None, BURST);
                Poll::Ready(Ok(()))
            }
            _ => Poll::Ready(Ok(())),
        }
    }

    /// Something was read, or there was nothing to read.
    fn took(&mut self, something: bool) {
        self.burst = if something { self.burst.saturating_sub(1) } else { 0 };
    }
}

#[cfg(test)]
mod tests;
