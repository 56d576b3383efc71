//! Gives memory back to the system when a burst is over: a moment after the last lease ended, on a thread that exists
//! for just that. First whoever holds what nobody uses is asked to give it up, like a garbage collector, and connections that
//! the burst opened are closed.
//!
//! Where little was freed or handed over and few connections are open nothing happens, so that small programs never pay. How
//! much was freed is known where an allocator is installed that counts.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use graphbit_core::give_up_unused;
use graphbit_memory::Scope;

use super::running;

/// How long nothing may have started before memory is given back: what a busy program would fetch again right away
/// stays.
const QUIET: Duration = Duration::from_millis(250);
/// A burst is not freed at once: connections close one by one, and a garbage collection comes when it comes. What was
/// freed meanwhile is looked at so many times, so long after each other, and is worth less then: few bytes, freed
/// everywhere, may have held many pages.
const LOOKS: usize = 6;
const AGAIN: Duration = Duration::from_millis(100);
const LITTLE: u64 = 1 << 20;
/// After a burst of more calls at once than this their connections are closed; so many stay for what may come, as with
/// Node's own agent. Not a limit of the pool: in a burst each call goes on with the connection of one before it.
const MOST_IDLE: usize = 256;
/// Less than so many bytes is not worth a thread and a walk over all of them.
const LEAST: u64 = 16 << 20;

/// Bytes that were handed over since those who have them were last asked what of it is garbage.
static HANDED_OVER: AtomicU64 = AtomicU64::new(0);
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
    // Without a thread the memory stays until the next end.
    if !aside(release) {
        UNDER_WAY.store(false, Ordering::Release);
    }
}

/// Frees memory on a thread that exists for just that. False where none can be had: the work is dropped then, with what it holds.
pub fn aside(work: impl FnOnce() + Send + 'static) -> bool {
    let _scope = Scope::shared(); // the thread is nobody's in particular, whoever asks
    let thread = std::thread::Builder::new().name("graphbit-memory".to_owned());
    let work = move || {
        work();
        graphbit_memory::leave_thread();
    };
    thread.spawn(work).is_ok()
}

/// Takes note that so much was handed to a garbage collector, which holds it until it looks: it is asked to
/// ([`Spare::give_up_unused`](graphbit_core::Spare::give_up_unused)) when enough came together and nothing is under way.
pub fn handed_over(bytes: u64) {
    if HANDED_OVER.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes) >= LEAST {
        soon();
    }
}

fn release() {
    if is_quiet() && is_due() {
        HANDED_OVER.store(0, Ordering::Relaxed);
        give_up_unused();
        if close_connections() {
            std::thread::sleep(AGAIN); // their tasks end on the runtime's threads
        }
        graphbit_memory::release_free_memory();
        for _ in 0..LOOKS {
            std::thread::sleep(AGAIN);
            if !is_busy() && is_freed(LITTLE) {
                graphbit_memory::release_free_memory();
            }
        }
        if !is_busy() {
            give_up_unused(); // what was in use a moment ago still, and what nobody had time to look at
        }
    }
    UNDER_WAY.store(false, Ordering::Release);
    soon(); // what ended just now found this thread still there
}

/// Waits until nothing has started for a while; false when somebody is at work then, whose end leads here again.
fn is_quiet() -> bool {
    loop {
        let before = TAKEN.load(Ordering::Relaxed);
        std::thread::sleep(QUIET);
        if is_busy() {
            return false;
        }
        if TAKEN.load(Ordering::Relaxed) == before {
            return true;
        }
    }
}

/// A runtime has ended that nobody used for long.
pub(super) fn ended() {
    if running().is_empty() {
        give_up_unused();
    }
    soon();
}

fn is_due() -> bool {
    let many = || running().iter().any(|runtime| runtime.connections.has_more_than(MOST_IDLE));
    let handed_over = || HANDED_OVER.load(Ordering::Relaxed) >= LEAST;
    !is_busy() && (is_freed(LEAST) || handed_over() || many())
}

fn is_freed(least: u64) -> bool {
    graphbit_memory::releasable_bytes().is_some_and(|bytes| bytes >= least)
}

/// Whether there were any to close.
fn close_connections() -> bool {
    let runtimes = running().clone(); // closing thousands takes a while, and nobody should wait for the list meanwhile
    runtimes.iter().filter(|runtime| runtime.connections.close_more_than(MOST_IDLE)).count() > 0
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
