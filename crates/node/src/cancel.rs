//! The way to stop a call from JavaScript.

use std::sync::{Arc, Mutex, PoisonError};

use napi_derive::napi;

/// Stops what it was passed to. It may be cancelled before, and does nothing after the end.
#[napi]
#[derive(Clone, Default)]
pub struct NativeCancel(Arc<Mutex<State>>);

#[derive(Default)]
enum State {
    #[default]
    Open,
    Armed(Box<dyn FnOnce() + Send>),
    Cancelled,
}

#[napi]
impl NativeCancel {
    #[napi(constructor, catch_unwind)]
    pub fn new() -> Self {
        Self(Arc::default())
    }

    /// Stops it.
    #[napi(catch_unwind)]
    pub fn cancel(&self) {
        let before =
            std::mem::replace(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner), State::Cancelled);
        if let State::Armed(stop) = before {
            stop();
        }
    }
}

impl NativeCancel {
    /// Says how to stop; if that was asked already, it is done at once.
    pub(crate) fn arm(&self, stop: impl FnOnce() + Send + 'static) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*state {
            State::Cancelled => {
                drop(state);
                stop();
            }
            State::Open | State::Armed(_) => *state = State::Armed(Box::new(stop)),
        }
    }
}
