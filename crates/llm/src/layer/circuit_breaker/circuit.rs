//! The state of one endpoint: closed, open, or half open while one call tries it.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use graphbit_core::{Error, ErrorCode, Result, Retry as Advice};
use tokio::time::Instant;

use crate::driver::after;

/// What is known of one endpoint. Clones share it.
#[derive(Clone)]
pub struct Circuit(Arc<Shared>);

struct Shared {
    failures: u32,
    cooldown: Duration,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Failures in a row.
    failed: u32,
    /// Open until then; half open from then on.
    until: Option<Instant>,
    /// Whether a call tries the half-open circuit now.
    probing: bool,
    /// Counts openings and closings: what began before one says nothing of the time after it.
    era: u64,
    /// The last failure, for whoever is turned away.
    last: String,
}

/// Why a call is turned away.
pub(super) struct Open {
    /// Of the cool-down; zero while a call is trying.
    pub(super) left: Duration,
    pub(super) failures: u32,
    pub(super) last: String,
}

/// A call under way. Dropped without a word, it says nothing, and another call may try a half-open circuit.
pub(super) struct Attempt {
    circuit: Circuit,
    era: u64,
    probe: bool,
    ended: bool,
}

impl Circuit {
    /// A closed circuit that opens after so many failures in a row, for this long.
    ///
    /// # Errors
    /// `CONFIG` for no failures or no time.
    pub fn new(failures: u32, cooldown: Duration) -> Result<Self> {
        if failures == 0 {
            return Err(Error::config("circuitBreaker.failures must be at least 1, not 0"));
        }
        if cooldown.is_zero() {
            return Err(Error::config("circuitBreaker.cooldownMs must be greater than 0"));
        }
        Ok(Self(Arc::new(Shared { failures, cooldown, state: Mutex::default() })))
    }

    /// Whether calls are turned away now.
    pub fn is_open(&self) -> bool {
        let state = self.state();
        state.probing || state.until.is_some_and(|until| Instant::now() < until)
    }

    pub(super) fn enter(&self) -> Result<Attempt, Open> {
        let mut state = self.state();
        let attempt = |era, probe| Attempt { circuit: self.clone(), era, probe, ended: false };
        let Some(until) = state.until else { return Ok(attempt(state.era, false)) };
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() && !state.probing {
            state.probing = true;
            return Ok(attempt(state.era, true));
        }
        Err(Open { left, failures: state.failed, last: state.last.clone() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Attempt {
    /// The endpoint has begun to answer. That closes a half-open circuit, but only its end clears it: a reply that then breaks
    /// off opens it again.
    pub(super) fn begin(&mut self) {
        if self.probe {
            let circuit = self.circuit.clone();
            self.close(&mut circuit.state(), circuit.0.failures - 1);
        }
    }

    /// The reply has ended well.
    pub(super) fn succeed(&mut self) {
        let circuit = self.circuit.clone();
        let mut state = circuit.state();
        if self.probe {
            self.close(&mut state, 0);
        } else if self.is_current(&state) {
            state.failed = 0;
        }
        self.ended = true;
    }

    /// The call has failed.
    pub(super) fn end(&mut self, error: &Error) {
        let circuit = self.circuit.clone();
        let mut state = circuit.state();
        if is_failure(error) {
            if self.is_current(&state) {
                state.failed = state.failed.saturating_add(1);
                state.last = error.to_string().chars().take(300).collect();
                if self.probe || state.failed >= circuit.0.failures {
                    state.until = Some(after(Instant::now(), circuit.0.cooldown));
                    state.probing = false;
                    state.era += 1;
                }
                self.probe = false;
            }
        } else if self.probe && error.context().status.is_some() {
            self.close(&mut state, 0); // it refuses, so it is there
        }
        drop(state);
        self.give_up();
    }

    fn is_current(&self, state: &State) -> bool {
        !self.ended && self.era == state.era
    }

    fn close(&mut self, state: &mut State, failed: u32) {
        (state.failed, state.until, state.probing) = (failed, None, false);
        state.era += 1;
        (self.era, self.probe) = (state.era, false);
    }

    /// Lets another call try.
    fn give_up(&mut self) {
        if std::mem::take(&mut self.probe) {
            self.circuit.state().probing = false;
        }
        self.ended = true;
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        self.give_up();
    }
}

fn is_failure(error: &Error) -> bool {
    match error.code() {
        ErrorCode::Unavailable | ErrorCode::Network | ErrorCode::Timeout => error.advice() != Advice::Never,
        ErrorCode::Truncated => true,
        _ => false,
    }
}

impl fmt::Debug for Circuit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Circuit").field("open", &self.is_open()).finish_non_exhaustive()
    }
}
