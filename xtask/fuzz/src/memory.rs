//! How many bytes a piece of work has at once beyond those at its start, from an allocator that tells the peak of the whole
//! process only.

use graphbit_memory::{AllocatorStats, allocator_stats};

/// The largest figure so far.
#[derive(Debug, Default)]
pub(crate) struct Gauge {
    most: u64,
}

impl Gauge {
    /// The largest figure of all work so far, to the 96 KiB that the allocator may miss.
    pub(crate) fn most(&self) -> u64 {
        self.most
    }

    /// Does the work. When it had more than `allowed` bytes at once, the figure comes with what it gave.
    pub(crate) fn measure<T>(&mut self, allowed: u64, work: impl FnOnce() -> T) -> (T, Option<u64>) {
        // The peak moves only when the work has more than a new record, or than it may: what is allocated up to there is made
        // up for in advance, and never touched.
        let AllocatorStats { live_bytes, peak_live_bytes, .. } = stats();
        let room = (peak_live_bytes - live_bytes).saturating_sub(allowed.min(self.most));
        let ballast: Vec<u8> = Vec::with_capacity(usize::try_from(room).unwrap_or_default());
        let start = stats();
        let done = work();
        let peak = stats().peak_live_bytes;
        drop(ballast);
        let most = peak.saturating_sub(start.live_bytes);
        if peak == start.peak_live_bytes {
            return (done, None);
        }
        self.most = self.most.max(most);
        (done, (most > allowed).then_some(most))
    }
}

#[expect(
    clippy::expect_used,
    reason = "this program's own allocator; without its figures there is nothing to check"
)]
fn stats() -> AllocatorStats {
    allocator_stats().expect("the tracking allocator is installed")
}
