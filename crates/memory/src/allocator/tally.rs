//! The counters themselves: of one account on one thread, and of one thread over all accounts.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use super::peak;
use super::tag::Tag;

/// What was counted for one account. Counters only grow, so that a sum over threads never shows less memory than
/// there is, as long as all that was freed is read before all that was allocated.
pub(crate) struct Tally {
    allocated: AtomicU64,
    freed: AtomicU64,
    allocations: AtomicU64,
    /// The account's peak is looked at when `allocated` gets here.
    next_look: AtomicU64,
}

/// What one thread, or some of those without a row, counted over all accounts. Two cache lines, because processors
/// fetch lines in pairs.
#[repr(align(128))]
pub(super) struct Lane {
    allocated: AtomicU64,
    freed: AtomicU64,
    frees: AtomicU64,
    /// Some peak is looked at when `allocated` gets here: that of the process, or of the account worked for.
    next_look: AtomicU64,
    next_process_look: AtomicU64,
}

/// Adds to a counter and returns what it was; `SOLE` says that the current thread alone writes to it.
#[inline]
fn add<const SOLE: bool>(counter: &AtomicU64, amount: u64) -> u64 {
    if !SOLE {
        return counter.fetch_add(amount, Release);
    }
    let before = counter.load(Relaxed);
    // Release, so that who sees a free sees the allocation it ended.
    counter.store(before.wrapping_add(amount), Release);
    before
}

impl Tally {
    pub(super) const fn new() -> Self {
        Self {
            allocated: AtomicU64::new(0),
            freed: AtomicU64::new(0),
            allocations: AtomicU64::new(0),
            next_look: AtomicU64::new(0),
        }
    }

    pub(crate) fn allocated(&self) -> u64 {
        self.allocated.load(Relaxed)
    }

    pub(crate) fn freed(&self) -> u64 {
        self.freed.load(Acquire)
    }

    pub(crate) fn allocations(&self) -> u64 {
        self.allocations.load(Relaxed)
    }

    /// Puts off the next look at the peak until `bytes` more were allocated.
    pub(crate) fn look_after(&self, bytes: u64) {
        self.next_look.store(self.allocated().saturating_add(bytes), Relaxed);
    }

    fn before_look(&self) -> u64 {
        self.next_look.load(Relaxed).saturating_sub(self.allocated())
    }
}

impl Lane {
    pub(super) const fn new() -> Self {
        Self {
            allocated: AtomicU64::new(0),
            freed: AtomicU64::new(0),
            frees: AtomicU64::new(0),
            next_look: AtomicU64::new(0),
            next_process_look: AtomicU64::new(0),
        }
    }

    pub(super) fn allocated_bytes(&self) -> u64 {
        self.allocated.load(Relaxed)
    }

    pub(super) fn freed_bytes(&self) -> u64 {
        self.freed.load(Acquire)
    }

    pub(super) fn frees(&self) -> u64 {
        self.frees.load(Relaxed)
    }

    /// Counts a block, and says whether a peak should be looked at.
    #[inline]
    pub(super) fn allocated<const SOLE: bool>(&self, tally: &Tally, bytes: u64) -> bool {
        add::<SOLE>(&tally.allocations, 1);
        self.grown::<SOLE>(tally, bytes)
    }

    #[inline]
    pub(super) fn freed<const SOLE: bool>(&self, tally: &Tally, bytes: u64) {
        add::<SOLE>(&self.frees, 1);
        self.shrunk::<SOLE>(tally, bytes);
    }

    pub(super) fn resized<const SOLE: bool>(&self, tally: &Tally, tag: Tag, old: u64, new: u64) {
        if new <= old {
            self.shrunk::<SOLE>(tally, old - new);
        } else if self.grown::<SOLE>(tally, new - old) {
            self.look(tally, tag);
        }
    }

    #[inline]
    fn grown<const SOLE: bool>(&self, tally: &Tally, bytes: u64) -> bool {
        add::<SOLE>(&tally.allocated, bytes);
        let allocated = add::<SOLE>(&self.allocated, bytes).wrapping_add(bytes);
        allocated >= self.next_look.load(Relaxed)
    }

    #[inline]
    fn shrunk<const SOLE: bool>(&self, tally: &Tally, bytes: u64) {
        add::<SOLE>(&tally.freed, bytes);
        add::<SOLE>(&self.freed, bytes);
    }

    /// Sets the next look by what the process and the account that is now worked for need. One comparison then does
    /// for both.
    #[inline]
    pub(super) fn plan(&self, tally: &Tally) {
        let of_account = self.allocated_bytes().saturating_add(tally.before_look());
        self.next_look.store(of_account.min(self.next_process_look.load(Relaxed)), Relaxed);
    }

    /// Looks at the peaks that are due: that of the process, and of an account whose tally this is.
    pub(super) fn look(&self, tally: &Tally, tag: Tag) {
        if self.allocated_bytes() >= self.next_process_look.load(Relaxed) {
            self.next_process_look.store(self.allocated_bytes().saturating_add(peak::PROCESS_STEP), Relaxed);
            peak::of_process();
        }
        if tally.before_look() == 0 {
            tally.look_after(peak::step(peak::of_account(tag)));
        }
    }
}
