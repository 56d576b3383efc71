//! How much memory may be held.

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
