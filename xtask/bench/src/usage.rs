//! What this process has used, as Linux tells it.

use crate::Result;

/// Processor time of all threads that are there so far, in seconds. The scheduler's own figure counts nanoseconds; that of the
/// whole process has steps of 10 ms, a hundredth of what is measured.
pub(crate) fn cpu_seconds() -> Result<f64> {
    let mut nanoseconds = 0.0;
    for thread in std::fs::read_dir("/proc/self/task")? {
        let Ok(stat) = std::fs::read_to_string(thread?.path().join("schedstat")) else { continue }; // it has just ended
        let spent = stat.split_whitespace().next().and_then(|field| field.parse::<f64>().ok());
        nanoseconds += spent.ok_or("/proc/self/task/*/schedstat has no time")?;
    }
    match nanoseconds {
        0.0 => Err("the kernel does not count what a thread has spent".into()),
        nanoseconds => Ok(nanoseconds / 1e9),
    }
}

/// Resident memory now, in bytes.
pub(crate) fn rss_bytes() -> Result<f64> {
    Ok(graphbit_memory::Snapshot::take().rss_bytes.ok_or("the resident memory cannot be read here")? as f64)
}

/// Live bytes of the allocator now.
pub(crate) fn live_bytes() -> f64 {
    graphbit_memory::allocator_stats().map_or(0.0, |stats| stats.live_bytes as f64)
}
