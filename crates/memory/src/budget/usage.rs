//! How much of what a budget limits is held, as the allocator counted it.

use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Mutex, PoisonError};

use super::Level;
use crate::account::Account;
use crate::allocator::{is_installed, table};

/// Whose live bytes are meant.
#[derive(Debug)]
pub(super) enum Usage {
    Account(Account),
    /// Boxed: there is one group for thousands of accounts.
    Group(Box<Group>),
    Process,
}

/// Accounts that are added up. As there may be thousands, their sum is taken again only when it matters.
#[derive(Debug)]
pub(super) struct Group {
    id: u32,
    seen: Mutex<Option<Seen>>,
}

/// A sum, and what the whole process had allocated and freed when it was begun. What the group holds since cannot
/// have grown by more than the one, nor shrunk by more than the other has grown.
#[derive(Debug, Clone, Copy)]
struct Seen {
    bytes: u64,
    allocated: u64,
    freed: u64,
}

impl Usage {
    pub(super) fn group() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        Self::Group(Box::new(Group { id: NEXT.fetch_add(1, Relaxed), seen: Mutex::new(None) }))
    }

    /// The group that accounts below this are added up in; 0 for none.
    pub(super) fn group_id(&self) -> u32 {
        if let Self::Group(group) = self { group.id } else { 0 }
    }

    pub(super) fn level(&self) -> Level {
        match self {
            Self::Account(_) => Level::Account,
            Self::Group(_) => Level::Group,
            Self::Process => Level::Process,
        }
    }

    /// The live bytes; `None` where nobody counts them.
    pub(super) fn bytes(&self) -> Option<u64> {
        match self {
            Self::Account(account) => account.live_bytes(),
            Self::Group(group) => is_installed().then(|| table::live_bytes_of_group(group.id)),
            Self::Process => is_installed().then(table::live_bytes),
        }
    }

    /// A figure that is above `limit` if the live bytes are, and not if they are not.
    pub(super) fn bytes_about(&self, limit: u64) -> Option<u64> {
        match self {
            Self::Group(group) => is_installed().then(|| group.bytes_about(limit)),
            Self::Account(_) | Self::Process => self.bytes(),
        }
    }
}

impl Group {
    fn bytes_about(&self, limit: u64) -> u64 {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let (freed, allocated) = (table::freed_bytes(), table::allocated_bytes());
        if let Some(before) = *seen {
            let most = before.bytes.saturating_add(allocated.wrapping_sub(before.allocated));
            let least = before.bytes.saturating_sub(freed.wrapping_sub(before.freed));
            if most <= limit {
                return most;
            }
            if least > limit {
                return least;
            }
        }
        let bytes = table::live_bytes_of_group(self.id);
        *seen = Some(Seen { bytes, allocated, freed });
        bytes
    }
}
