//! Gives memory back to the system when a burst is over: once, a moment after the last lease ended, on a thread that
//! exists for just that.
//!
//! Where nothing can be given back, or no allocator is installed that counts, nothing happens; nor where little was
//! freed, so that small programs never pay.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use graphbit_memory::Scope;

use super::running;

/// How long nothing may have started before memory is given back: what a busy program would fetch again right away
/// stays.
const QUIET: Duration = Duration::from_millis(250);
/// Less than so many bytes is not worth a thread and a walk over all of them.
const LEAST: u64 = 16 << 20;

/// Leases taken so far.
static TAKEN: AtomicU64 = AtomicU64::new(0);
/// Whether a thread looks after it.
static UNDER_WAY: AtomicBool = AtomicBool::new(false);

/// Takes note that somebody uses a runtime.
pub(super) fn taken() {
    TAKEN.fetch_add(1, Ordering::Relaxed);
}

/// Something ended that may have been the last, or much was freed: looks whether there is something to give back, and
/// leaves the rest to a thread. Cheap enough for every end; it never waits.
pub(crate) fn soon() {
    if UNDER_WAY.load(Ordering::Relaxed) || !is_due() || UNDER_WAY.swap(true, Ordering::Acquire) {
        return;
    }
    let _scope = Scope::shared(); // the thread is nobody's in particular, whoever ended
    // Without a thread the memory stays until the next end.
    let thread = std::thread::Builder::new().name("graphbit-memory".to_owned());
    if thread.spawn(release).is_err() {
        UNDER_WAY.store(false, Ordering::Release);
    }
}

fn release() {
    while quiet_for_a_while() && is_due() {
        graphbit_memory::release_free_memory();
    }
    UNDER_WAY.store(false, Ordering::Release);
    soon(); // what ended just now found this thread still there
    graphbit_memory::leave_thread();
}

/// Waits; false when somebody is at work then.
fn quiet_for_a_while() -> bool {
    loop {
        let before = TAKEN.load(Ordering::Relaxed);
        std::thread::sleep(QUIET);
        if is_busy() {
            return false; // whoever ends last comes back here
        }
        if TAKEN.load(Ordering::Relaxed) == before {
            return true;
        }
    }
}

fn is_due() -> bool {
    graphbit_memory::releasable_bytes().is_some_and(|bytes| bytes >= LEAST) && !is_busy()
}

fn is_busy() -> bool {
    running().iter().any(|runtime| runtime.leases.load(Ordering::Acquire) > 0)
}

/// The last field of what may be large and outlive its run: [`soon`] is told when it was dropped.
pub(crate) struct WhenDropped;

impl Drop for WhenDropped {
    fn drop(&mut self) {
        soon();
    }
}
