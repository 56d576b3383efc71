//! Gives memory that is free back to the operating system: after a burst the C library's `malloc` keeps what was
//! freed, because between the free blocks lie some that live on. [`release_free_memory`] makes it look for the whole
//! pages among them, and [`tune_allocator`] that it misses none. When that is worth its while is told by
//! [`releasable_bytes`]; who asks, and when, is up to the program.

#![expect(unsafe_code, reason = "a call of the C library's allocator")]

#[cfg(test)]
mod tests;

#[cfg(all(target_os = "linux", target_env = "gnu"))]
use std::ffi::c_int;
use std::sync::Once;

use serde::Serialize;

use crate::account::tidy_up;
use crate::allocator::{is_installed, peak, table};
use crate::host::resident_bytes;

/// What [`release_free_memory`] did, as far as the system tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Released {
    /// The resident size before, in bytes; with what everything else in the process did meanwhile, like the one after.
    pub rss_before_bytes: Option<u64>,
    /// The resident size after, in bytes.
    pub rss_after_bytes: Option<u64>,
}

impl Released {
    /// By how much the resident size shrank; 0 where it grew.
    pub fn bytes(&self) -> Option<u64> {
        Some(self.rss_before_bytes?.saturating_sub(self.rss_after_bytes?))
    }
}

/// Gives the free memory of the C library's `malloc` back to the system: of every thread, and of everything in the
/// process that uses it, like Node itself. `None` where the C library has no such call, which is everywhere but with
/// glibc: nothing was done then.
///
/// The system's allocator is the one that Rust programs use unless they choose another, and the one it can speak for:
/// behind a `Tracking<A>` of another kind it finds next to nothing to release, and `A` has its own means.
///
/// May be called from any thread at any time, except in a signal handler, and between `fork` and `exec`. It takes
/// time in proportion to the free memory, mostly the kernel's to take the pages away: a tenth of a second for 600 MB
/// where a processor is shared with others. It goes through the arenas of `malloc` one by one and holds each's lock
/// meanwhile, so that another thread may have to wait for it when its own small supply of blocks is used up. So: not
/// from a thread that must answer, and not while much goes on, since what is released has to be fetched again, page
/// by page.
pub fn release_free_memory() -> Option<Released> {
    if !SUPPORTED {
        return None;
    }
    let rss_before_bytes = resident_bytes();
    tidy_up();
    trim();
    peak::forget_recent();
    Some(Released { rss_before_bytes, rss_after_bytes: resident_bytes() })
}

/// How many bytes [`release_free_memory`] could give back: those by which live bytes have fallen from their highest
/// since it was last called. An estimate, without what `malloc` adds to each block and without the pages that cannot
/// go because a block in them lives on.
///
/// Cheap: it adds up two counters of each thread. `None` where nothing can be released, and where no
/// [`Tracking`](crate::Tracking) allocator is installed, so that nobody knows.
pub fn releasable_bytes() -> Option<u64> {
    (SUPPORTED && is_installed()).then(|| peak::recent().saturating_sub(table::live_bytes()))
}

/// Sets glibc's `malloc` up, for the whole process and once, so that what is free can go back: call it before memory
/// grows. Without it two things keep pages where [`release_free_memory`] does not reach them. What is free on top of a
/// thread's arena goes back only when a block there is freed, and stays up to twice the size of the largest block that
/// was ever mapped, 64 MiB at most: from now on, 1 MiB. And small free blocks are kept apart until somebody gathers them,
/// which can make such a top of tens of megabytes long after the last block was freed: from now on they are not.
///
/// Costs nothing measurable: each thread's own supply of small blocks stays. From which size on blocks are mapped stays as
/// it is at this moment. False where there is nothing to set, which is everywhere but with glibc.
pub fn tune_allocator() -> bool {
    static ONCE: Once = Once::new();
    ONCE.call_once(tune);
    SUPPORTED
}

const SUPPORTED: bool = cfg!(all(target_os = "linux", target_env = "gnu"));

#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn tune() {
    unsafe extern "C" {
        /// <https://man7.org/linux/man-pages/man3/mallopt.3.html>
        fn mallopt(parameter: c_int, value: c_int) -> c_int;
    }
    // `M_TRIM_THRESHOLD` and `M_MXFAST` of `malloc.h`.
    for (parameter, value) in [(-1, 1 << 20), (1, 0)] {
        // SAFETY: a call without preconditions, safe on any thread.
        let _known = unsafe { mallopt(parameter, value) };
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn tune() {}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn trim() {
    unsafe extern "C" {
        /// <https://man7.org/linux/man-pages/man3/malloc_trim.3.html>
        fn malloc_trim(pad: usize) -> c_int;
    }
    // SAFETY: a call without preconditions, safe on any thread.
    let _anything_released = unsafe { malloc_trim(0) };
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn trim() {}
