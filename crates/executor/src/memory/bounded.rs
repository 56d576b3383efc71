//! Reads a model's reply no faster than there is room for it: above a soft limit slowly, so that the sender feels it, above a
//! hard one not at all.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::Stream;
use graphbit_core::Result;
use graphbit_llm::{Event, EventStream, Model, ModelInfo, Request};
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

    async fn stream(&self, request: Request) -> Result<EventStream> {
        check(&self.budget)?;
        let inner = self.inner.stream(request).await?;
        check(&self.budget)?;
        Ok(Box::pin(Reading { inner, budget: self.budget.clone(), pause: None, burst: 0 }))
    }
}

/// A reply that is read within a budget.
struct Reading {
    inner: EventStream,
    budget: Budget,
    pause: Option<Pin<Box<Sleep>>>,
    /// Events that may still be taken before the next pause.
    burst: u32,
}

impl Stream for Reading {
    type Item = Result<Event>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if let Some(pause) = &mut this.pause {
            ready!(pause.as_mut().poll(cx));
            (this.pause, this.burst) = (None, BURST);
        }
        look_around();
        match this.budget.check() {
            Pressure::Hard(_) => return Poll::Ready(check(&this.budget).err().map(Err)),
            Pressure::Soft if this.burst == 0 => {
                let pause = this.pause.insert(Box::pin(sleep(PAUSE)));
                ready!(pause.as_mut().poll(cx));
                (this.pause, this.burst) = (None, BURST);
            }
            _ => {}
        }
        let event = this.inner.as_mut().poll_next(cx);
        this.burst = if event.is_ready() { this.burst.saturating_sub(1) } else { 0 };
        event
    }
}

#[cfg(test)]
mod tests;
