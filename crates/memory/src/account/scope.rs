//! When a thread works for an account.

use std::marker::PhantomData;

use super::{Account, SHARED};
use crate::allocator::{Switched, Tag};
use crate::budget;

/// While it lives, the current thread's allocations are charged to an account; before and after, to the one before.
///
/// Scopes nest and end in the reverse order, also when a panic unwinds. It costs a few loads and stores. A scope
/// that is dropped out of order, or forgotten, charges what follows to the wrong account: its figures are then
/// somebody else's, but still add up. No `await` may stand in a scope; for that there is [`Account::wrap`].
#[derive(Debug)]
#[must_use = "it ends when it is dropped"]
pub struct Scope<'a> {
    // Dropped in this order: who waits is looked at for the outer account.
    _switched: Switched,
    _look: Look,
    _account: PhantomData<&'a Account>,
}

impl Scope<'static> {
    /// Charges the current thread's allocations to the shared account: for connections, pools and caches, which are
    /// opened on behalf of one run and kept for all.
    #[inline]
    pub fn shared() -> Self {
        Self::of(SHARED)
    }
}

impl Scope<'_> {
    #[inline]
    pub(super) fn of(tag: Tag) -> Self {
        Self { _switched: Switched::to(tag), _look: Look, _account: PhantomData }
    }
}

/// The end of a scope is a moment to see whether somebody waits for memory that may have become free.
#[derive(Debug)]
struct Look;

impl Drop for Look {
    #[inline]
    fn drop(&mut self) {
        budget::look_at_waiting();
    }
}
