//! What the process uses at one moment.
//!
//! V8's own figures are not known here; the layer above puts them beside these in a [`Sample`](crate::Sample).

#[cfg(test)]
mod tests;

use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;

use crate::allocator::{AllocatorStats, allocator_stats};
use crate::host;

/// The memory of this process at one moment.
///
/// The resident size comes from `/proc/self/status`, one small read. macOS and Windows have no such file, and a
/// call into the system would need bindings this crate does without: there it is `None`, and Node's
/// `process.memoryUsage()` has it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Snapshot {
    /// Milliseconds since the Unix epoch, with fractions.
    pub timestamp_ms: f64,
    /// Bytes of physical memory the process occupies (`VmRSS`). The kernel adds up per-processor counters late, so
    /// it may be off by some pages for each processor.
    pub rss_bytes: Option<u64>,
    /// The highest resident size so far, in bytes (`VmHWM`).
    pub peak_rss_bytes: Option<u64>,
    /// What the tracking allocator counted; `None` where it is not installed.
    pub native: Option<AllocatorStats>,
}

impl Snapshot {
    /// Takes the figures now. The read itself allocates a few kilobytes and frees them again.
    pub fn take() -> Self {
        let (rss_bytes, peak_rss_bytes) =
            host::read("/proc/self/status").map_or((None, None), |text| resident(&text));
        Self { timestamp_ms: now_ms(), rss_bytes, peak_rss_bytes, native: allocator_stats() }
    }
}

/// The resident size now.
pub(crate) fn resident_bytes() -> Option<u64> {
    resident(&host::read("/proc/self/status")?).0
}

fn resident(status: &str) -> (Option<u64>, Option<u64>) {
    (host::kilobytes(status, "VmRSS"), host::kilobytes(status, "VmHWM"))
}

/// 0 on a clock set before 1970.
fn now_ms() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64() * 1000.0)
}
