//! How much memory may be held.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use crate::host::memory_limit_bytes;

/// Limits in bytes; without one there is no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// From here on, less should be begun.
    pub soft: Option<u64>,
    /// Beyond this, work fails.
    pub hard: Option<u64>,
}

impl Limits {
    /// What the container grants ([`memory_limit_bytes`]): soft at 70 % of it and hard at 85 %, since programs,
    /// stacks and fragmentation need their part too. No limits where the container has none.
    pub fn of_container() -> Self {
        memory_limit_bytes().map_or_else(Self::default, Self::of_total)
    }

    pub(super) fn of_total(bytes: u64) -> Self {
        let percent = |share: u64| Some(bytes / 100 * share);
        Self { soft: percent(70), hard: percent(85) }
    }

    /// Sets [`Self::soft`].
    #[must_use]
    pub fn soft(mut self, bytes: u64) -> Self {
        self.soft = Some(bytes);
        self
    }

    /// Sets [`Self::hard`].
    #[must_use]
    pub fn hard(mut self, bytes: u64) -> Self {
        self.hard = Some(bytes);
        self
    }
}

/// Limits that may be changed while others read them; a change is seen at the next look.
#[derive(Debug)]
pub(super) struct Changing {
    soft: AtomicU64,
    hard: AtomicU64,
}

/// More than any process can hold.
const NONE: u64 = u64::MAX;

impl Changing {
    pub(super) fn new(limits: Limits) -> Self {
        let bytes = |limit: Option<u64>| AtomicU64::new(limit.unwrap_or(NONE));
        Self { soft: bytes(limits.soft), hard: bytes(limits.hard) }
    }

    pub(super) fn set(&self, limits: Limits) {
        self.soft.store(limits.soft.unwrap_or(NONE), Relaxed);
        self.hard.store(limits.hard.unwrap_or(NONE), Relaxed);
    }

    #[inline]
    pub(super) fn read(&self) -> Limits {
        let limit = |bytes: &AtomicU64| Some(bytes.load(Relaxed)).filter(|bytes| *bytes != NONE);
        Limits { soft: limit(&self.soft), hard: limit(&self.hard) }
    }
}
