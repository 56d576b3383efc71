//! The counters behind the tracking allocator: where a thread counts, and how the totals are read.
//!
//! A thread takes a slot of its own on its first allocation and is then the only one to write there, so counting
//! is a plain load and store on a cache line that no other thread wants. The totals are the sums over all slots: a
//! thread that ends leaves its figures behind and nothing is lost. Slots are never given back by themselves (that
//! would need a thread-local with a destructor, which an allocator cannot afford); threads that come when
//! all are taken count with atomic additions in a few shared slots, just as exactly but slower. A pool whose threads
//! come and go calls [`leave_thread`] as each one ends.

use std::cell::Cell;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};

use serde::Serialize;

/// Threads that can have a slot of their own at the same time.
const OWN_SLOTS: usize = 256;
/// Slots for all further threads together.
const SHARED_SLOTS: usize = 16;
/// The peak is looked at whenever the bytes allocated through a slot pass a multiple of 2 to this power (64 KiB).
const PEAK_STEP_LOG2: u32 = 16;

static OWN: [Slot; OWN_SLOTS] = [const { Slot::new() }; OWN_SLOTS];
static SHARED: [Slot; SHARED_SLOTS] = [const { Slot::new() }; SHARED_SLOTS];
/// One more than the highest index ever taken in `OWN`; what lies behind has never counted.
static OWN_USED: AtomicUsize = AtomicUsize::new(0);
static NEXT_SHARED: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicU64 = AtomicU64::new(0);
/// Set by the first thread that counts.
static INSTALLED: AtomicBool = AtomicBool::new(false);

thread_local! {
    static PLACE: Cell<Place> = const { Cell::new(Place::Unclaimed) };
}

/// Where the current thread counts.
#[derive(Clone, Copy)]
enum Place {
    Unclaimed,
    Own(&'static Slot),
    Shared(&'static Slot),
}

/// Two cache lines each, because processors fetch lines in pairs.
#[repr(align(128))]
struct Slot {
    taken: AtomicBool,
    /// Allocated minus freed, modulo 2^64: negative where threads free what others allocated.
    live_bytes: AtomicU64,
    allocated_bytes: AtomicU64,
    allocations: AtomicU64,
    frees: AtomicU64,
}

/// What the tracking allocator counted since the process started. All sizes are in bytes as the program asked for
/// them, all counts in blocks.
///
/// Exact for everything that happened before the call; what other threads do during the call may be seen in part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AllocatorStats {
    /// Allocated and not yet freed.
    pub live_bytes: u64,
    /// The highest `live_bytes`. It is looked at each time a thread has allocated another 64 KiB and at each call of
    /// [`allocator_stats`], so a peak in between may be missed by less than 64 KiB for every thread that allocates.
    pub peak_live_bytes: u64,
    /// Sum of all allocations ever made; a block that is resized adds the bytes by which it grew.
    pub allocated_bytes: u64,
    /// Blocks ever allocated. Resizing one is neither an allocation nor a free.
    pub allocations: u64,
    /// Blocks ever freed.
    pub frees: u64,
}

impl AllocatorStats {
    /// Blocks allocated and not yet freed.
    pub fn live_blocks(&self) -> u64 {
        self.allocations.saturating_sub(self.frees)
    }
}

/// The figures of the process, or `None` where no [`Tracking`](crate::Tracking) allocator has served a request.
pub fn allocator_stats() -> Option<AllocatorStats> {
    if !INSTALLED.load(Acquire) {
        return None;
    }
    sample_peak();
    let live_bytes = live_bytes();
    Some(AllocatorStats {
        live_bytes,
        peak_live_bytes: PEAK.load(Relaxed).max(live_bytes),
        allocated_bytes: sum(|slot| &slot.allocated_bytes),
        allocations: sum(|slot| &slot.allocations),
        frees: sum(|slot| &slot.frees),
    })
}

/// Tells the allocator that the current thread is about to end, so that another thread can have its place.
///
/// Optional and cheap, meant for the stop hook of a thread pool. Figures stay exact whether or not it is called, and
/// whatever the thread still allocates afterwards is counted too, only with atomic additions.
pub fn leave_thread() {
    let left = PLACE.try_with(|place| place.replace(Place::Shared(next_shared())));
    if let Ok(Place::Own(slot)) = left {
        slot.taken.store(false, Release);
    }
}

#[inline]
pub(super) fn allocated(bytes: usize) {
    match place() {
        Place::Own(slot) => slot.allocated::<true>(bytes as u64),
        Place::Shared(slot) => slot.allocated::<false>(bytes as u64),
        Place::Unclaimed => {}
    }
}

#[inline]
pub(super) fn freed(bytes: usize) {
    match place() {
        Place::Own(slot) => slot.freed::<true>(bytes as u64),
        Place::Shared(slot) => slot.freed::<false>(bytes as u64),
        Place::Unclaimed => {}
    }
}

#[inline]
pub(super) fn resized(old: usize, new: usize) {
    match place() {
        Place::Own(slot) => slot.resized::<true>(old as u64, new as u64),
        Place::Shared(slot) => slot.resized::<false>(old as u64, new as u64),
        Place::Unclaimed => {}
    }
}

#[inline]
fn place() -> Place {
    match PLACE.try_with(Cell::get) {
        Ok(Place::Unclaimed) => claim(),
        Ok(place) => place,
        Err(_) => Place::Shared(next_shared()),
    }
}

#[cold]
#[inline(never)]
fn claim() -> Place {
    INSTALLED.store(true, Release);
    let free = |slot: &Slot| !slot.taken.load(Relaxed) && !slot.taken.swap(true, Acquire);
    let place = match OWN.iter().enumerate().find(|(_, slot)| free(slot)) {
        Some((index, slot)) => {
            OWN_USED.fetch_max(index + 1, Release);
            Place::Own(slot)
        }
        None => Place::Shared(next_shared()),
    };
    // Without a destructor the thread-local cannot be gone; if it were, the slot would merely stay taken.
    let _ = PLACE.try_with(|own| own.set(place));
    place
}

fn next_shared() -> &'static Slot {
    let [first, ..] = &SHARED;
    SHARED.get(NEXT_SHARED.fetch_add(1, Relaxed) % SHARED_SLOTS).unwrap_or(first)
}

fn slots() -> impl Iterator<Item = &'static Slot> {
    OWN.iter().take(OWN_USED.load(Acquire)).chain(&SHARED)
}

fn sum(counter: impl Fn(&'static Slot) -> &'static AtomicU64) -> u64 {
    slots().fold(0, |total, slot| total.wrapping_add(counter(slot).load(Relaxed)))
}

/// A block handed from thread to thread during the sum may be seen as freed only; then the sum may be negative.
fn live_bytes() -> u64 {
    u64::try_from(sum(|slot| &slot.live_bytes).cast_signed()).unwrap_or(0)
}

/// Takes the lower of two sums: one that was interrupted half-way could be too high, and a peak stays for good.
#[cold]
#[inline(never)]
fn sample_peak() {
    if live_bytes() > PEAK.load(Relaxed) {
        PEAK.fetch_max(live_bytes(), Relaxed);
    }
}

/// Adds to a counter and returns what it was; `SOLE` says that the current thread alone writes to it.
#[inline]
fn add<const SOLE: bool>(counter: &AtomicU64, amount: u64) -> u64 {
    if !SOLE {
        return counter.fetch_add(amount, Relaxed);
    }
    let before = counter.load(Relaxed);
    counter.store(before.wrapping_add(amount), Relaxed);
    before
}

impl Slot {
    const fn new() -> Self {
        Self {
            taken: AtomicBool::new(false),
            live_bytes: AtomicU64::new(0),
            allocated_bytes: AtomicU64::new(0),
            allocations: AtomicU64::new(0),
            frees: AtomicU64::new(0),
        }
    }

    #[inline]
    fn allocated<const SOLE: bool>(&self, bytes: u64) {
        add::<SOLE>(&self.allocations, 1);
        self.grown::<SOLE>(bytes);
    }

    #[inline]
    fn freed<const SOLE: bool>(&self, bytes: u64) {
        add::<SOLE>(&self.frees, 1);
        add::<SOLE>(&self.live_bytes, bytes.wrapping_neg());
    }

    #[inline]
    fn resized<const SOLE: bool>(&self, old: u64, new: u64) {
        if new > old {
            self.grown::<SOLE>(new - old);
        } else {
            add::<SOLE>(&self.live_bytes, new.wrapping_sub(old));
        }
    }

    #[inline]
    fn grown<const SOLE: bool>(&self, bytes: u64) {
        add::<SOLE>(&self.live_bytes, bytes);
        let before = add::<SOLE>(&self.allocated_bytes, bytes);
        if (before ^ before.wrapping_add(bytes)) >> PEAK_STEP_LOG2 != 0 {
            sample_peak();
        }
    }
}
