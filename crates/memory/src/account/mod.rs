//! Accounts: who the native memory belongs to.
//!
//! `registry` gives out the places, `scope` and `scoped` say when a thread works for an account, `stats` is what an
//! account holds. The counting itself is the allocator's business.

mod measured;
mod registry;
mod scope;
mod scoped;
mod stats;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};

use crate::allocator::{Switched, Tag, current, is_installed, peak, table};

pub use measured::{Measured, Moved};
pub use registry::accounts_refused;
pub(crate) use registry::tidy_up;
pub use scope::Scope;
pub use scoped::Scoped;
pub use stats::{AccountStats, accounts};

/// The account of allocations made outside every scope.
const SHARED: Tag = 0;

/// A handle to an account: what a thread allocates within one of its scopes is charged to it, and credited back
/// when it is freed, on whatever thread and in whatever scope that happens. Resizing a block does not change its
/// account.
///
/// Cloning shares the account. When the last handle is gone the account is closed: nothing more can be charged, but
/// blocks that outlive it still count there, and its place goes to another account only once all are freed.
///
/// Figures are exact for everything that happened before the call, with nothing to flush; what other threads do
/// during it may be seen in part, and then as more memory rather than less.
#[derive(Debug)]
pub struct Account {
    tag: Tag,
    /// Whether there was no place left, so that the shared account had to do.
    refused: bool,
}

impl Account {
    /// Opens an account. The name is for people and need not be unique.
    ///
    /// There is room for 65,279 at a time, counting the closed ones of which blocks are left. With no room left the
    /// handle stands for the shared account and its own figures are absent; [`accounts_refused`] counts that.
    pub fn open(name: impl Into<Arc<str>>) -> Self {
        Self::open_in(0, name)
    }

    pub(crate) fn open_in(group: u32, name: impl Into<Arc<str>>) -> Self {
        // The names belong to the list of accounts, not to whoever opens one.
        let _aside = Switched::to(SHARED);
        match registry::open(name.into(), group) {
            Some(tag) => Self { tag, refused: false },
            None => Self { tag: SHARED, refused: true },
        }
    }

    /// The account of everything that belongs to no other: what was allocated outside every scope.
    pub fn shared() -> Self {
        Self { tag: SHARED, refused: false }
    }

    /// The account the current thread works for, to pass it on to another thread or task.
    pub fn current() -> Self {
        let tag = current();
        let open = |handles: u32| (handles > 0).then(|| handles + 1);
        if tag == SHARED || table::slot(tag).handles.fetch_update(AcqRel, Acquire, open).is_ok() {
            Self { tag, refused: false }
        } else {
            Self::shared() // a forgotten scope may have outlived its account
        }
    }

    /// Charges the current thread's allocations to this account until the scope is dropped.
    #[inline]
    pub fn enter(&self) -> Scope<'_> {
        Scope::of(self.tag)
    }

    /// Moves a future (or a stream) into the account: its frame is allocated there, and so is all that it allocates
    /// whenever it is polled, and while it is dropped.
    pub fn wrap<T>(&self, inner: T) -> Scoped<T> {
        Scoped::new(self.clone(), inner)
    }

    /// Boxes a future, in the account that the current thread works for, and says at its end what it had allocated and
    /// freed there. To be polled within that account.
    pub fn measure<F: Future>(inner: F) -> Measured<F> {
        Measured::new(inner)
    }

    /// Bytes allocated and not yet freed; `None` without a tracking allocator, or where the account was refused.
    pub fn live_bytes(&self) -> Option<u64> {
        self.is_counted().then(|| table::live_bytes_of(self.tag))
    }

    /// The highest [`Self::live_bytes`] since the account was opened, absent under the same circumstances. It is
    /// looked at here and each time a thread has allocated another sixteenth of it or 64 KiB, whichever is more; a
    /// peak in between may be missed by at most that for every thread that allocates.
    pub fn peak_bytes(&self) -> Option<u64> {
        self.is_counted().then(|| peak::of_account(self.tag))
    }

    /// Blocks ever allocated, absent under the same circumstances. Resizing one does not count.
    pub fn allocations(&self) -> Option<u64> {
        self.is_counted().then(|| stats::allocations(self.tag))
    }

    fn is_counted(&self) -> bool {
        is_installed() && !self.refused
    }
}

impl Clone for Account {
    fn clone(&self) -> Self {
        if self.tag != SHARED {
            table::slot(self.tag).handles.fetch_add(1, Relaxed);
        }
        Self { ..*self }
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        if self.tag != SHARED && table::slot(self.tag).handles.fetch_sub(1, AcqRel) == 1 {
            let _aside = Switched::to(SHARED);
            registry::close(self.tag);
        }
        crate::budget::look_at_waiting();
    }
}
