//! How much memory may be held: by a run, by a group of runs, by the process.
//!
//! Nothing happens by itself. Whoever begins work asks first and acts on the answer; the allocator never refuses,
//! waits or calls back. `usage` says how much is held, `pressure` how near that is to the `limits`, `reservation`
//! sets bytes aside, `waiting` is for those who may begin only when there is room again.

mod limits;
mod pressure;
mod reservation;
#[cfg(test)]
mod tests;
mod usage;
mod waiting;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use crate::account::Account;
use crate::ledger::Ledger;

use limits::Changing;
pub use limits::Limits;
pub use pressure::{Exceeded, Pressure};
pub use reservation::Reservation;
pub use waiting::BelowSoft;
pub(crate) use waiting::look_at_waiting;

use usage::Usage;

/// Whose memory a budget limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Level {
    /// One account: a run.
    Account,
    /// All accounts opened through one group: an executor.
    Group,
    /// Everything.
    Process,
}

/// Limits, and what counts towards them: run → executor → process, each asking the ones above as well.
///
/// What is used is what the allocator counted. Without a tracking allocator, or where an account was refused, it is
/// what was charged to [`Budget::ledger`] instead. Open reservations and [`Budget::set_external_bytes`] come on
/// top. A clone is the same budget.
#[derive(Debug, Clone)]
pub struct Budget(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    limits: Changing,
    usage: Usage,
    ledger: Ledger,
    reserved: AtomicU64,
    external: AtomicU64,
    parent: Option<Budget>,
}

impl Budget {
    /// Over all memory of the process, usually with [`Limits::of_container`].
    pub fn process(limits: Limits) -> Self {
        Self::new(Usage::Process, limits, None)
    }

    /// Over an account that was opened elsewhere, with no budget above it.
    pub fn over(account: Account, limits: Limits) -> Self {
        Self::new(Usage::Account(account), limits, None)
    }

    /// Over all accounts that will be opened with [`Budget::open`] of the new budget, also when they are closed and
    /// blocks of them are left. Groups below groups, and accounts that were refused, do not count in it.
    #[must_use]
    pub fn group(&self, limits: Limits) -> Self {
        Self::new(Usage::group(), limits, Some(self.clone()))
    }

    /// Opens an account of that name below this budget, with limits of its own.
    #[must_use]
    pub fn open(&self, name: impl Into<Arc<str>>, limits: Limits) -> Self {
        let account = Account::open_in(self.0.usage.group_id(), name);
        Self::new(Usage::Account(account), limits, Some(self.clone()))
    }

    fn new(usage: Usage, limits: Limits, parent: Option<Self>) -> Self {
        let ledger = parent.as_ref().map_or_else(Ledger::new, |parent| parent.ledger().child());
        let (reserved, external) = (AtomicU64::new(0), AtomicU64::new(0));
        Self(Arc::new(Inner { limits: Changing::new(limits), usage, ledger, reserved, external, parent }))
    }

    /// The account it is over, where it is over one.
    pub fn account(&self) -> Option<&Account> {
        match &self.0.usage {
            Usage::Account(account) => Some(account),
            Usage::Group(_) | Usage::Process => None,
        }
    }

    /// Whose memory it limits.
    pub fn level(&self) -> Level {
        self.0.usage.level()
    }

    /// The limits.
    pub fn limits(&self) -> Limits {
        self.0.limits.read()
    }

    /// Changes the limits, for everybody who has this budget or one below it.
    pub fn set_limits(&self, limits: Limits) {
        self.0.limits.set(limits);
        look_at_waiting();
    }

    /// Where sizes of what is kept are declared; they also count in the ledgers of the budgets above.
    pub fn ledger(&self) -> &Ledger {
        &self.0.ledger
    }

    /// Says how many bytes are held that the allocator does not see, for example by V8's heap. They count here and
    /// not in the budgets above. The figure stands until it is set again.
    pub fn set_external_bytes(&self, bytes: u64) {
        if self.0.external.swap(bytes, Relaxed) > bytes {
            look_at_waiting();
        }
    }

    /// Whether there is a limit here or above. Without one, nobody need ask.
    pub fn is_limited(&self) -> bool {
        self.and_above().any(|budget| budget.limits() != Limits::default())
    }

    /// What counts towards the limits of this budget now.
    pub fn used_bytes(&self) -> u64 {
        let held = self.0.usage.bytes().unwrap_or_else(|| self.0.ledger.total_bytes());
        held.saturating_add(self.aside())
    }

    /// How near this budget, or one above it, is to its limits; of several the worst. It takes some
    /// hundred nanoseconds; a group near its limits adds up its accounts.
    pub fn check(&self) -> Pressure {
        let mut worst = Pressure::Fine;
        for budget in self.and_above() {
            match budget.check_own() {
                Pressure::Fine => {}
                Pressure::Soft => worst = Pressure::Soft,
                hard @ Pressure::Hard(_) => return hard,
            }
        }
        worst
    }

    /// Sets bytes aside that will be allocated, so that others count with them from now on.
    ///
    /// Two that reserve at the same time may both be refused where one of them would have fitted; never are both
    /// granted where only one fits.
    ///
    /// # Errors
    ///
    /// [`Exceeded`] when a hard limit, here or above, leaves no room for them.
    pub fn try_reserve(&self, bytes: u64) -> Result<Reservation, Exceeded> {
        Reservation::new(self.clone(), bytes)
    }

    /// Waits until this budget and those above are below their soft limits.
    ///
    /// It looks again whenever a scope ends, an account is closed, or a charge or reservation is given back,
    /// anywhere in the process. Bytes freed outside all scopes wake nobody: who must not wait longer than needed
    /// polls it on a timer too. All waiters are woken at once; let them reserve what they need before they begin.
    pub fn below_soft(&self) -> BelowSoft {
        BelowSoft::new(self.clone())
    }

    fn and_above(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(self), |budget| budget.0.parent.as_ref())
    }

    fn aside(&self) -> u64 {
        self.0.reserved.load(Relaxed).saturating_add(self.0.external.load(Relaxed))
    }

    /// A figure that is above `limit` if what is used is, and not if it is not.
    fn used_about(&self, limit: u64) -> u64 {
        let aside = self.aside();
        let held = self.0.usage.bytes_about(limit.saturating_sub(aside));
        held.unwrap_or_else(|| self.0.ledger.total_bytes()).saturating_add(aside)
    }

    fn check_own(&self) -> Pressure {
        let soft = |limit: u64| self.used_about(limit.saturating_sub(1)) >= limit;
        match self.exceeded(0) {
            Some(exceeded) => Pressure::Hard(exceeded),
            None if self.limits().soft.is_some_and(soft) => Pressure::Soft,
            None => Pressure::Fine,
        }
    }

    /// Whether the hard limit is exceeded, by what is used, of which `asked` was only just set aside.
    fn exceeded(&self, asked: u64) -> Option<Exceeded> {
        let limit_bytes = self.limits().hard?;
        if self.used_about(limit_bytes) <= limit_bytes {
            return None;
        }
        let used_bytes = self.used_bytes().saturating_sub(asked);
        let exceeded = Exceeded { level: self.level(), limit_bytes, used_bytes, asked_bytes: asked };
        (exceeded.over_by() > 0).then_some(exceeded)
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Account => "this run",
            Self::Group => "all runs of this executor",
            Self::Process => "the process",
        })
    }
}
