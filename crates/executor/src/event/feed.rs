//! Hands a run's events to whoever reads them. Each reader has a bounded queue of its own: one that is slow loses its oldest
//! events and is told how many, the run and the other readers do not wait for it. Without readers nothing is made.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker};

use futures_util::Stream;

use super::RunEvent;

/// Where a run sends its events.
#[derive(Debug, Default)]
pub(crate) struct Feed {
    readers: Mutex<Readers>,
    /// How many there may be: read without the lock.
    count: AtomicUsize,
}

#[derive(Debug, Default)]
struct Readers {
    queues: Vec<Weak<Queue>>,
    ended: bool,
}

/// The events that one reader has yet to take.
#[derive(Debug, Default)]
struct Queue(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    events: VecDeque<RunEvent>,
    bytes: usize,
    missed: u64,
    ended: bool,
    reader: Option<Waker>,
}

/// The events of a run for one reader, from the moment at which they were asked for. Dropping it stops them.
#[derive(Debug)]
pub struct Events(Arc<Queue>);

impl Events {
    /// The most events that wait for a reader.
    pub const MOST: usize = 4096;
    /// The most bytes that they hold.
    pub const MOST_BYTES: usize = 1 << 20;

    /// The next event, when it comes; `None` at the end.
    pub async fn next(&mut self) -> Option<RunEvent> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// The next event, if it has arrived.
    pub fn try_next(&mut self) -> Option<RunEvent> {
        self.0.lock().pop()
    }

    /// What has arrived, without waiting.
    pub fn arrived(&mut self) -> Vec<RunEvent> {
        let mut waiting = self.0.lock();
        let mut events = Vec::with_capacity(waiting.events.len() + 1);
        while let Some(event) = waiting.pop() {
            events.push(event);
        }
        events
    }
}

impl Stream for Events {
    type Item = RunEvent;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<RunEvent>> {
        let mut waiting = self.0.lock();
        match waiting.pop() {
            Some(event) => Poll::Ready(Some(event)),
            None if waiting.ended => Poll::Ready(None),
            None => {
                waiting.reader = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    /// The next event; before it, how many are missing.
    fn pop(&mut self) -> Option<RunEvent> {
        if self.missed > 0 {
            return Some(RunEvent::Lagged { missed: std::mem::take(&mut self.missed) });
        }
        let event = self.events.pop_front()?;
        self.bytes -= event.weight();
        if self.events.is_empty() {
            self.events = VecDeque::new(); // a burst is given back
        }
        Some(event)
    }

    fn push(&mut self, event: RunEvent) {
        self.bytes += event.weight();
        self.events.push_back(event);
        while self.events.len() > Events::MOST || (self.bytes > Events::MOST_BYTES && self.events.len() > 1) {
            let Some(oldest) = self.events.pop_front() else { break };
            self.bytes -= oldest.weight();
            self.missed += 1;
        }
    }
}

impl Feed {
    /// A reader of what is sent from now on: of nothing, where the last event was sent.
    pub(crate) fn read(&self) -> Events {
        let queue = Arc::new(Queue::default());
        let mut readers = self.readers();
        if readers.ended {
            queue.lock().ended = true;
            return Events(queue);
        }
        readers.queues.retain(|reader| reader.strong_count() > 0);
        readers.queues.push(Arc::downgrade(&queue));
        self.count.store(readers.queues.len(), Ordering::Release);
        Events(queue)
    }

    /// Whether somebody reads: what an event is made of need not be gathered otherwise.
    pub(crate) fn has_readers(&self) -> bool {
        self.count.load(Ordering::Acquire) > 0
    }

    /// Sends an event to every reader. It is only made if there is one.
    pub(crate) fn send(&self, event: impl FnOnce() -> RunEvent) {
        if !self.has_readers() {
            return;
        }
        let event = event();
        self.each(&mut self.readers(), |waiting| waiting.push(event.clone()));
    }

    /// Sends the last event: nothing comes after it, whoever sends.
    pub(crate) fn end(&self, last: impl FnOnce() -> RunEvent) {
        let mut readers = self.readers();
        readers.ended = true;
        if !readers.queues.is_empty() {
            let last = last();
            self.each(&mut readers, |waiting| {
                waiting.push(last.clone());
                waiting.ended = true;
            });
        }
        readers.queues = Vec::new();
        self.count.store(0, Ordering::Release);
    }

    fn each(&self, readers: &mut Readers, change: impl Fn(&mut Waiting)) {
        readers.queues.retain(|reader| {
            let Some(queue) = reader.upgrade() else { return false };
            let reader = {
                let mut waiting = queue.lock();
                change(&mut waiting);
                waiting.reader.take()
            };
            if let Some(reader) = reader {
                reader.wake();
            }
            true
        });
        self.count.store(readers.queues.len(), Ordering::Release);
    }

    fn readers(&self) -> MutexGuard<'_, Readers> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
