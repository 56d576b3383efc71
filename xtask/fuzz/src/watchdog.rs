//! Ends the program when an input takes far longer than its size explains, with the input saved: a reader that hangs cannot
//! be stopped in any other way.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::finding;

/// How often it looks.
const EVERY: Duration = Duration::from_millis(100);
/// What any input may take: much more than it does, for the machine may be busy with something else.
const LEAST: Duration = Duration::from_secs(3);
/// And for every byte of it. Reading byte by byte without optimisation takes a tenth; anything quadratic takes more.
const PER_BYTE: Duration = Duration::from_micros(20);

/// The thread that looks.
#[derive(Debug)]
pub(crate) struct Watchdog(Arc<Mutex<Watched>>);

#[derive(Debug, Default)]
struct Watched {
    target: String,
    input: Vec<u8>,
    until: Option<Instant>,
}

impl Watchdog {
    /// Starts it.
    pub(crate) fn start() -> Self {
        let watched = Arc::<Mutex<Watched>>::default();
        let theirs = Arc::clone(&watched);
        thread::spawn(move || {
            loop {
                thread::sleep(EVERY);
                look(&lock(&theirs));
            }
        });
        Self(watched)
    }

    /// An input begins.
    pub(crate) fn watch(&self, target: &str, input: &[u8]) {
        let mut watched = lock(&self.0);
        target.clone_into(&mut watched.target);
        watched.input.clear();
        watched.input.extend_from_slice(input);
        watched.until = Some(Instant::now() + bound(input.len()));
    }

    /// It has ended.
    pub(crate) fn rest(&self) {
        lock(&self.0).until = None;
    }
}

/// How long an input of so many bytes may take.
fn bound(length: usize) -> Duration {
    LEAST + PER_BYTE * u32::try_from(length).unwrap_or(u32::MAX)
}

fn look(watched: &Watched) {
    if watched.until.is_some_and(|until| until < Instant::now()) {
        let bound = bound(watched.input.len()).as_secs();
        finding::report(&watched.target, &format!("hang: still not read after {bound} s"), &watched.input);
        std::process::exit(1);
    }
}

fn lock(watched: &Mutex<Watched>) -> MutexGuard<'_, Watched> {
    watched.lock().unwrap_or_else(PoisonError::into_inner)
}
