//! Gives memory that is free back to the operating system: after a burst the C library's `malloc` keeps what was
//! freed, because between the free blocks lie some that live on. [`release_free_memory`] makes it look for the whole
//! pages among them. When that is worth its while is told by [`releasable_bytes`]; who asks, and when, is up to the
//! program.

#![expect(unsafe_code, reason = "a call of the C library's allocator")]

#[cfg(test)]
mod tests;

use serde::Serialize;

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

const SUPPORTED: bool = cfg!(all(target_os = "linux", target_env = "gnu"));

#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn trim() {
    unsafe extern "C" {
        /// <https://man7.org/linux/man-pages/man3/malloc_trim.3.html>
        fn malloc_trim(pad: usize) -> std::ffi::c_int;
    }
    // SAFETY: a call without preconditions, safe on any thread.
    let _anything_released = unsafe { malloc_trim(0) };
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn trim() {}
