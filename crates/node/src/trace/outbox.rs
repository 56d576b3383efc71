//! Spans on their way to one facade: bounded, oldest dropped first, handed over in small portions.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::event_loop::{EventLoop, Queue};
use crate::js::Scope;

/// The most spans that wait, and the most bytes of them: prompts and replies may be among what they tell.
const MOST: usize = 10_000;
const MOST_BYTES: usize = 16 << 20;
/// How many go to JavaScript in one piece, before others have their turn.
const PORTION: usize = 64;

/// What waits for a facade.
pub(super) struct Outbox {
    queue: Arc<Queue>,
    facade: u32,
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    spans: VecDeque<Arc<str>>,
    bytes: usize,
    /// Dropped before the oldest that is left.
    dropped: u32,
    /// A job is on its way that will take them.
    posted: bool,
}

impl Outbox {
    pub(super) fn new(queue: Arc<Queue>, facade: u32) -> Self {
        Self { queue, facade, waiting: Mutex::default() }
    }

    /// Whether it is a facade's, or any's of its environment.
    pub(super) fn is_of(&self, queue: &Arc<Queue>, facade: Option<u32>) -> bool {
        Arc::ptr_eq(&self.queue, queue) && facade.is_none_or(|facade| facade == self.facade)
    }

    /// Adds a span. Nothing keeps the program alive for it.
    pub(super) fn put(self: &Arc<Self>, span: Arc<str>) {
        let _shared = graphbit_memory::Scope::shared(); // the list outlives the run whose span makes it grow
        let first = self.waiting().add(span);
        if first {
            self.post();
        }
    }

    fn post(self: &Arc<Self>) {
        let this = Arc::clone(self);
        // When the environment is gone, nobody listens.
        let _ = self.queue.post(Box::new(move |scope| this.hand_over(scope)));
    }

    fn hand_over(self: &Arc<Self>, scope: Scope) {
        let (spans, dropped, more) = self.waiting().take();
        if more {
            self.post(); // behind the jobs of others
        }
        let called = || -> napi::Result<()> {
            let hook = EventLoop::current(scope)?.hook(Some(self.facade), |hooks| &hooks.trace)?;
            scope.call(hook, &[scope.string(&spans)?, scope.number(f64::from(dropped))?]).map(drop)
        };
        let _ = called(); // an exception stays pending: the event loop gives it to the program
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    /// Whether a job must be posted for it.
    fn add(&mut self, span: Arc<str>) -> bool {
        self.bytes += span.len();
        self.spans.push_back(span);
        // The newest is kept, however large.
        while self.spans.len() > 1 && (self.spans.len() > MOST || self.bytes > MOST_BYTES) {
            let oldest = self.spans.pop_front();
            self.bytes -= oldest.map_or(0, |span| span.len());
            self.dropped = self.dropped.saturating_add(1);
        }
        !std::mem::replace(&mut self.posted, true)
    }

    /// The next portion as a JSON array, how many were dropped before it, and whether there are more.
    fn take(&mut self) -> (String, u32, bool) {
        let portion: Vec<Arc<str>> = self.spans.drain(..self.spans.len().min(PORTION)).collect();
        self.bytes -= portion.iter().map(|span| span.len()).sum::<usize>();
        self.posted = !self.spans.is_empty();
        if !self.posted {
            self.spans.shrink_to(PORTION);
        }
        (format!("[{}]", portion.join(",")), std::mem::take(&mut self.dropped), self.posted)
    }
}
