//! What is under way in an environment: promises that have not settled, and streams that are being read.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ptr;
use std::sync::{Arc, Weak};

use napi::{check_status, sys};
use tokio::task::AbortHandle;

use super::EventLoop;
use crate::js::Value;
use crate::runs::Runs;
use crate::stream::Shared;

/// How to stop what is under way. What is kept for that is freed on this thread: nothing of the run itself, therefore.
pub(crate) enum Stop {
    Task(AbortHandle),
    /// The run of the same number in its executor's list.
    Run(Arc<Runs>),
}

impl Stop {
    fn stop(self, number: u32) {
        match self {
            Self::Task(task) => task.abort(),
            Self::Run(runs) => {
                runs.cancel(number, "stopped with everything else in its JavaScript environment");
            }
        }
    }
}

#[derive(Default)]
pub(crate) struct Pending {
    /// What promises wait for, by a number.
    calls: RefCell<HashMap<u32, Option<Stop>>>,
    /// Streams that were begun and not closed. Between two pulls no promise is pending for them.
    streams: RefCell<HashMap<u32, Weak<Shared>>>,
    last: Cell<u32>,
    /// Promises for the moment when nothing is under way any more.
    idle: RefCell<Vec<sys::napi_deferred>>,
}

impl Pending {
    /// How many promises have not settled.
    pub(crate) fn calls(&self) -> usize {
        self.calls.borrow().len()
    }

    /// How many streams were begun and not closed.
    pub(crate) fn streams(&self) -> usize {
        self.streams.borrow().len()
    }

    /// Says how to stop a call.
    pub(crate) fn arm(&self, number: u32, stop: Stop) {
        if let Some(entry) = self.calls.borrow_mut().get_mut(&number) {
            *entry = Some(stop);
        }
    }

    /// Stops everything, and gives how much that was. Each promise still settles by itself.
    pub(crate) fn stop_all(&self) -> usize {
        let streams: Vec<_> =
            self.streams.take().into_values().filter_map(|stream| stream.upgrade()).collect();
        let stops: Vec<(u32, Stop)> = {
            let mut calls = self.calls.borrow_mut();
            calls.iter_mut().filter_map(|(number, stop)| Some((*number, stop.take()?))).collect()
        };
        // A stream that is being pulled is in both lists.
        let idle_streams = streams.iter().filter(|stream| stream.is_open()).count();
        let count = stops.len() + idle_streams;
        streams.iter().for_each(|stream| stream.close());
        stops.into_iter().for_each(|(number, stop)| stop.stop(number));
        count
    }

    fn number(&self) -> u32 {
        self.last.set(self.last.get().wrapping_add(1));
        self.last.get()
    }

    fn is_empty(&self) -> bool {
        let mut streams = self.streams.borrow_mut();
        streams.retain(|_, stream| stream.strong_count() > 0);
        streams.is_empty() && self.calls.borrow().is_empty()
    }
}

impl EventLoop {
    /// A call has begun: the program must not end before it. Gives the number that names it.
    pub(crate) fn begin(&self) -> u32 {
        let mut number = self.pending.number();
        let mut calls = self.pending.calls.borrow_mut();
        while calls.contains_key(&number) {
            number = self.pending.number();
        }
        calls.insert(number, None);
        if calls.len() == 1 {
            self.keep_alive(true);
        }
        number
    }

    /// A call has ended, and its promise is settled.
    pub(crate) fn end(&self, number: u32) {
        let last = {
            let mut calls = self.pending.calls.borrow_mut();
            let ended = calls.remove(&number).is_some();
            if calls.is_empty() {
                calls.shrink_to(64);
            }
            ended && calls.is_empty()
        };
        if last {
            self.keep_alive(false);
            self.tell_idle();
        }
    }

    /// A stream was begun. It keeps the program alive only while it is pulled.
    pub(crate) fn begin_stream(&self, stream: Weak<Shared>) -> u32 {
        let number = self.pending.number();
        self.pending.streams.borrow_mut().insert(number, stream);
        number
    }

    /// A stream was closed.
    pub(crate) fn end_stream(&self, number: u32) {
        self.pending.streams.borrow_mut().remove(&number);
        self.tell_idle();
    }

    /// A promise that resolves when nothing is under way. It does not itself keep the program alive.
    pub(crate) fn when_idle(&self) -> napi::Result<Value> {
        let (mut deferred, mut promise) = (ptr::null_mut(), ptr::null_mut());
        // SAFETY: on the environment's thread, with valid out pointers; settled by `tell_idle`.
        check_status!(unsafe { sys::napi_create_promise(self.scope.0, &mut deferred, &mut promise) })?;
        self.pending.idle.borrow_mut().push(deferred);
        self.tell_idle();
        Ok(promise)
    }

    fn tell_idle(&self) {
        if self.pending.idle.borrow().is_empty() || !self.pending.is_empty() {
            return;
        }
        for deferred in self.pending.idle.take() {
            if let Ok(undefined) = self.scope.undefined() {
                // SAFETY: made by `when_idle` on this thread, and taken out of the list: settled once.
                let _ = unsafe { sys::napi_resolve_deferred(self.scope.0, deferred, undefined) };
            }
        }
    }
}
