//! What somebody holds, as figures.

use graphbit_memory::{Account, Budget, Holdings};
use serde::Serialize;

/// What a run, an executor or the process holds. Figures of the allocator are absent where none counts, never 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct MemoryUse {
    /// Allocated on its behalf and not yet freed; of an executor, by all its runs and calls.
    pub live_bytes: Option<u64>,
    /// The highest of these so far. Runs only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peak_bytes: Option<u64>,
    /// Blocks ever allocated. Runs only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allocations: Option<u64>,
    /// What of it is kept, and for what: sizes that the code declares, without the allocator's rounding.
    pub by_category: Holdings,
    /// From here on less is begun and read more slowly.
    pub soft_limit_bytes: Option<u64>,
    /// Beyond this, whoever asks for more fails.
    pub limit_bytes: Option<u64>,
}

impl MemoryUse {
    pub(crate) fn of(budget: &Budget) -> Self {
        let (account, limits) = (budget.account(), budget.limits());
        let counted = Account::shared().live_bytes().is_some(); // the allocator's own figures add up every account
        Self {
            live_bytes: match account {
                Some(account) => account.live_bytes(),
                None => counted.then(|| budget.used_bytes()),
            },
            peak_bytes: account.and_then(|account| account.peak_bytes()),
            allocations: account.and_then(|account| account.allocations()),
            by_category: budget.ledger().by_category(),
            soft_limit_bytes: limits.soft,
            limit_bytes: limits.hard,
        }
    }
}
