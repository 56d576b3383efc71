//! What can be set about runtimes, at any time: it holds for those that start from then on.

use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How runtimes are made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RuntimeOptions {
    /// At most this many threads in one runtime, whatever the profile asks for.
    pub max_workers: Option<NonZeroUsize>,
    /// At most this many more threads for looking up host names.
    pub max_blocking: NonZeroUsize,
    /// The stack of each thread in bytes; the system's usual size unless set.
    pub stack_bytes: Option<usize>,
    /// How long a runtime that nobody uses stays up.
    pub idle: Duration,
}

impl RuntimeOptions {
    const fn new() -> Self {
        let max_blocking = match NonZeroUsize::new(4) {
            Some(four) => four,
            None => NonZeroUsize::MIN,
        };
        Self { max_workers: None, max_blocking, stack_bytes: None, idle: Duration::from_secs(5) }
    }
}

impl Default for RuntimeOptions {
    fn default() -> Self {
        Self::new()
    }
}

static OPTIONS: Mutex<RuntimeOptions> = Mutex::new(RuntimeOptions::new());

/// What holds for the next runtime.
pub fn options() -> RuntimeOptions {
    OPTIONS.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Changes the options for runtimes that start from now on, and gives how many are up and keep theirs until they stop.
pub fn configure(options: RuntimeOptions) -> usize {
    *OPTIONS.lock().unwrap_or_else(PoisonError::into_inner) = options;
    super::running().len()
}
