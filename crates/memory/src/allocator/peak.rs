//! When the highest live bytes are looked at: of the process, and of each account.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use super::table;
use super::tag::Tag;

/// The process' peak is looked at whenever a thread has this much more than it had; whether it has, each time it allocated this
/// much. So it has at most three times as much more, unseen: before the first look after its least, until it has a step more
/// than at that look, and after that.
pub(super) const PROCESS_STEP: u64 = 32 << 10;
/// An account's peak is looked at whenever a thread allocated another sixteenth of it, or this much if that is more.
const ACCOUNT_STEP: u64 = 64 << 10;
const ACCOUNT_SHARE: u64 = 16;

static PROCESS: AtomicU64 = AtomicU64::new(0);
/// As `PROCESS`, since it was last forgotten; never above it for long.
static RECENT: AtomicU64 = AtomicU64::new(0);

/// How much a thread allocates for an account of that peak before it is looked at again.
pub(crate) fn step(peak: u64) -> u64 {
    (peak / ACCOUNT_SHARE).max(ACCOUNT_STEP)
}

/// The highest live bytes of the process that anybody saw, now included.
pub(crate) fn of_process() -> u64 {
    let (recent, known) = (recent(), PROCESS.load(Relaxed));
    if recent <= known { known } else { PROCESS.fetch_max(recent, Relaxed).max(recent) }
}

/// The same since [`forget_recent`].
pub(crate) fn recent() -> u64 {
    highest(&RECENT, table::live_bytes)
}

/// Begins anew with what is live now. What another thread sees at this moment may be forgotten, too.
pub(crate) fn forget_recent() {
    of_process();
    RECENT.store(table::live_bytes(), Relaxed);
}

/// The highest live bytes of an account that anybody saw, now included.
pub(crate) fn of_account(tag: Tag) -> u64 {
    highest(&table::slot(tag).peak, || table::live_bytes_of(tag))
}

/// Takes the lower of two sums: one that was interrupted half-way could be too high, and a peak stays for good.
fn highest(peak: &AtomicU64, live: impl Fn() -> u64) -> u64 {
    let known = peak.load(Relaxed);
    if live() <= known {
        return known;
    }
    let seen = live();
    peak.fetch_max(seen, Relaxed).max(seen)
}
