//! Whose memory is whose: every run has an account, below its executor's budget, below the process's.
//!
//! `process` is the budget at the top and what of the process no account sees, `gate` lets work begin when there is room,
//! `bounded` slows and stops those who read more than there is room for. Counting is `graphbit-memory`'s.

mod bounded;
mod charged;
mod gate;
mod process;
mod usage;

use std::fmt;
use std::sync::Arc;

use graphbit_core::{Error, ErrorCode, Result};
use graphbit_memory::{Account, Budget, Category, Charge, Limits, Pressure, Scope};

pub(crate) use bounded::Bounded;
pub(crate) use charged::Charged;
pub(crate) use gate::{Admitted, Gate};
pub use gate::{UnderWay, under_way};
pub use process::{limit_process, process_budget};
pub use usage::MemoryUse;

/// The memory of one run: every byte that is allocated on its behalf, whichever thread does it, until it is freed. Opened by
/// [`Executor::open`](crate::Executor::open); a clone is the same.
#[derive(Clone)]
pub struct RunMemory {
    id: Arc<str>,
    budget: Budget,
}

/// Where a soft limit lies that nobody has set, in percent of the hard one.
const SOFT_PERCENT: u64 = 80;

/// Limits from the hard one alone.
pub(crate) fn limits(hard: Option<u64>) -> Limits {
    let limits = Limits::default();
    match hard {
        Some(hard) => limits.hard(hard).soft(hard / 100 * SOFT_PERCENT),
        None => limits,
    }
}

impl RunMemory {
    pub(crate) fn open(group: &Budget, id: Arc<str>, hard: Option<u64>) -> Self {
        process::attribute();
        let budget = group.open(Arc::clone(&id), limits(hard));
        Self { id, budget }
    }

    /// The id of its run.
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn shared_id(&self) -> &Arc<str> {
        &self.id
    }

    /// Sets the run's hard limit in bytes; the soft one is 80 % of it.
    pub fn limit(&self, hard: Option<u64>) {
        self.budget.set_limits(limits(hard));
    }

    /// Charges what the current thread allocates to the run until the scope is dropped: for what is made on its behalf
    /// before it starts, like its input.
    pub fn enter(&self) -> Scope<'_> {
        match self.budget.account() {
            Some(account) => account.enter(),
            None => Scope::shared(),
        }
    }

    /// Moves a future into the run's account. Without an account of its own, that is the shared one.
    pub(crate) fn wrap<F>(&self, future: F) -> Charged<F> {
        Charged::new(self.budget.account().cloned().unwrap_or_else(Account::shared).wrap(future))
    }

    pub(crate) fn budget(&self) -> &Budget {
        &self.budget
    }

    /// Declares what is kept, and for what.
    pub(crate) fn charge(&self, category: Category, bytes: usize) -> Charge {
        self.budget.ledger().charge(category, bytes as u64)
    }

    /// Whether the run may go on.
    ///
    /// # Errors
    /// `MEMORY` above a hard limit of its own, its executor's or the process's.
    pub(crate) fn check(&self) -> Result<()> {
        check(&self.budget)
    }

    /// What it holds now.
    pub fn usage(&self) -> MemoryUse {
        MemoryUse::of(&self.budget)
    }
}

impl fmt::Debug for RunMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunMemory").field("id", &self.id).field("usage", &self.usage()).finish()
    }
}

/// # Errors
/// `MEMORY` above a hard limit, here or above.
pub(crate) fn check(budget: &Budget) -> Result<()> {
    if !budget.is_limited() {
        return Ok(());
    }
    process::look_around();
    match budget.check() {
        Pressure::Hard(exceeded) => Err(Error::new(ErrorCode::Memory, exceeded.to_string())),
        _ => Ok(()),
    }
}
