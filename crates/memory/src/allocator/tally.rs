//! The counters themselves: of one account on one thread, and of one thread over all accounts.

use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicI64, AtomicU64};

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
    /// What the thread itself has more than before is looked at when `allocated` gets here.
    next_look: AtomicU64,
    /// The least that it had, allocated less freed, since it last looked at the process' peak; negative where it frees what
    /// others allocate.
    least: AtomicI64,
}

/// Adds to a counter; `SOLE` says that the current thread alone writes to it.
#[inline]
fn add<const SOLE: bool>(counter: &AtomicU64, amount: u64) {
    // Release, so that who sees a free sees the allocation it ended.
    if SOLE {
        counter.store(counter.load(Relaxed).wrapping_add(amount), Release);
    } else {
        counter.fetch_add(amount, Release);
    }
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

    /// How many bytes may be allocated until the next look.
    pub(super) fn before_look(&self) -> u64 {
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
            least: AtomicI64::new(0),
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

    /// How many bytes the thread may allocate until it looks what it has.
    pub(super) fn before_look(&self) -> u64 {
        self.next_look.load(Relaxed).saturating_sub(self.allocated_bytes())
    }

    #[inline]
    pub(super) fn allocated<const SOLE: bool>(&self, tally: &Tally, bytes: u64) {
        add::<SOLE>(&tally.allocations, 1);
        self.grown::<SOLE>(tally, bytes);
    }

    #[inline]
    pub(super) fn freed<const SOLE: bool>(&self, tally: &Tally, bytes: u64) {
        add::<SOLE>(&self.frees, 1);
        self.shrunk::<SOLE>(tally, bytes);
    }

    #[inline]
    pub(super) fn resized<const SOLE: bool>(&self, tally: &Tally, old: u64, new: u64) {
        if new <= old {
            self.shrunk::<SOLE>(tally, old - new);
        } else {
            self.grown::<SOLE>(tally, new - old);
        }
    }

    #[inline]
    fn grown<const SOLE: bool>(&self, tally: &Tally, bytes: u64) {
        add::<SOLE>(&tally.allocated, bytes);
        add::<SOLE>(&self.allocated, bytes);
    }

    #[inline]
    fn shrunk<const SOLE: bool>(&self, tally: &Tally, bytes: u64) {
        add::<SOLE>(&tally.freed, bytes);
        add::<SOLE>(&self.freed, bytes);
    }

    /// Whether the thread has a step more than it had at the least. Who has not does not look at the process, because what others
    /// have just counted is dear to read: they look themselves when they grow.
    fn has_grown(&self, just_now: u64) -> bool {
        let now = self.allocated_bytes().wrapping_sub(self.freed_bytes());
        // Before what was just counted, which may be one large block, it may have had less than ever.
        let least = self.least.load(Relaxed).min(now.wrapping_sub(just_now).cast_signed());
        let now = now.cast_signed();
        let has_grown = now.saturating_sub(least) >= peak::PROCESS_STEP.cast_signed();
        self.least.store(if has_grown { now } else { least }, Relaxed);
        has_grown
    }

    /// Looks at the peaks that are due, after so many bytes more: that of the process, and of an account whose tally this is.
    pub(super) fn look(&self, tally: &Tally, tag: Tag, just_now: u64) {
        if self.before_look() == 0 {
            self.next_look.store(self.allocated_bytes().saturating_add(peak::PROCESS_STEP), Relaxed);
            if self.has_grown(just_now) {
                peak::of_process();
            }
        }
        if tally.before_look() == 0 {
            tally.look_after(peak::step(peak::of_account(tag)));
        }
    }
}
