//! A reply that is read only as fast as somebody asks for it.

use std::future::poll_fn;

use futures_util::{FutureExt, StreamExt};
use graphbit_core::{Error, Result};
use graphbit_llm::{Event, EventStream};
use tokio::task::yield_now;

use super::meter::Counted;
use crate::RunMemory;
use crate::memory::Admitted;
use crate::runtime::Lease;

/// A stream of events. Dropping it closes its connection.
pub struct Pull {
    /// `None` once it has ended: nothing may be asked of it then, and its connection is free.
    events: Option<EventStream>,
    lease: Lease,
    counted: Option<Counted>,
    memory: RunMemory,
    /// `None` once it has ended.
    admitted: Option<Admitted>,
    /// What the pull under way has taken, and its bytes: kept here, so that dropping its future loses nothing.
    pulled: Vec<Event>,
    bytes: usize,
    /// An error that was met behind events that were handed out first.
    failure: Option<Error>,
}

/// The events that had arrived.
#[derive(Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Pulled {
    /// In the order of their arrival; at least one.
    pub events: Vec<Event>,
}

impl Pull {
    pub(super) fn new(
        events: EventStream,
        lease: Lease,
        counted: Counted,
        memory: RunMemory,
        mut admitted: Admitted,
    ) -> Self {
        admitted.under_way();
        Self {
            events: Some(events),
            lease,
            counted: Some(counted),
            memory,
            admitted: Some(admitted),
            pulled: Vec::new(),
            bytes: 0,
            failure: None,
        }
    }

    /// The most that one pull takes, in bytes of its events.
    pub const MOST_BYTES: usize = 64 << 10;

    /// Waits for the next event, takes what else has arrived, and gives it all; `None` at the end. Dropping the future loses
    /// nothing.
    ///
    /// # Errors
    /// The model's error, after the events before it.
    pub async fn next(&mut self) -> Result<Option<Pulled>> {
        if self.pulled.is_empty() {
            if let Some(error) = self.failure.take() {
                return Err(error);
            }
            let event = self.event().await;
            self.take(event);
        }
        while self.bytes < Self::MOST_BYTES {
            // Only what is there already: the poll registers nobody, the next pull does.
            let mut arrived = self.event().now_or_never();
            if arrived.is_none() {
                // A connection hands over piece by piece: it gets one turn to bring the next one.
                yield_now().await;
                arrived = self.event().now_or_never();
            }
            let Some(event) = arrived else { break };
            let more = event.is_some();
            self.take(event);
            if !more {
                break;
            }
        }
        self.bytes = 0;
        let events = std::mem::take(&mut self.pulled);
        match self.failure.take() {
            Some(error) if events.is_empty() => Err(error),
            failure => {
                self.failure = failure;
                Ok((!events.is_empty()).then_some(Pulled { events }))
            }
        }
    }

    /// Keeps what a poll gave.
    fn take(&mut self, event: Option<Result<Event>>) {
        match event {
            Some(Ok(event)) => {
                self.bytes += self.note(&event);
                self.pulled.push(event);
            }
            Some(Err(error)) => {
                self.counted = None;
                self.failure = Some(error);
            }
            None => {
                if let Some(counted) = self.counted.take() {
                    counted.succeed();
                }
            }
        }
    }

    /// The next event, polled within the runtime whose clocks and sockets it uses, wherever the pull is awaited.
    async fn event(&mut self) -> Option<Result<Event>> {
        let (events, lease, memory) = (self.events.as_mut()?, &self.lease, &self.memory);
        let event = poll_fn(|context| {
            let _within = (lease.enter(), memory.enter());
            events.poll_next_unpin(context)
        })
        .await;
        if !matches!(event, Some(Ok(_))) {
            (self.events, self.admitted) = (None, None);
        }
        event
    }

    /// The right to the runtime that drives it.
    pub fn lease(&self) -> &Lease {
        &self.lease
    }

    /// Counts an event, and gives its bytes.
    fn note(&mut self, event: &Event) -> usize {
        let text = match event {
            Event::Delta { text, .. } | Event::Unknown(text) => text.len(),
            Event::Usage(usage) => {
                if let Some(counted) = &self.counted {
                    counted.usage(Some(usage));
                }
                0
            }
            Event::Finished { .. } => {
                if let Some(counted) = self.counted.take() {
                    counted.succeed();
                }
                0
            }
            _ => 0,
        };
        size_of::<Event>() + text
    }
}

impl std::fmt::Debug for Pull {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pull").finish_non_exhaustive()
    }
}
