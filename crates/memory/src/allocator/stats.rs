//! The figures of the process.

use serde::Serialize;

use super::tally::Tally;
use super::{local, peak, table};

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
    /// The highest `live_bytes`. It is looked at each time a thread has 32 KiB more than it had at the least, and at each
    /// call of [`allocator_stats`], so a peak in between may be missed by at most 96 KiB for every thread that allocates.
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
    if !local::is_installed() {
        return None;
    }
    let frees = table::frees();
    let live_bytes = table::live_bytes();
    Some(AllocatorStats {
        live_bytes,
        peak_live_bytes: peak::of_process().max(live_bytes),
        allocated_bytes: table::allocated_bytes(),
        allocations: table::sum(table::all_tallies(), Tally::allocations),
        frees,
    })
}
