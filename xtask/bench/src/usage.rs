//! What this process has used, as Linux tells it.

use crate::Result;

/// Processor time of all threads so far, in seconds.
pub(crate) fn cpu_seconds() -> Result<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    // The second field is the program's name in brackets; utime and stime are fields 14 and 15, in ticks of 10 ms.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<f64>().ok());
    let (user, system) = ticks(11).zip(ticks(12)).ok_or("/proc/self/stat has no times")?;
    Ok((user + system) / 100.0)
}

/// Resident memory now, in bytes.
pub(crate) fn rss_bytes() -> Result<f64> {
    Ok(graphbit_memory::Snapshot::take().rss_bytes.ok_or("the resident memory cannot be read here")? as f64)
}

/// Live bytes of the allocator now.
pub(crate) fn live_bytes() -> f64 {
    graphbit_memory::allocator_stats().map_or(0.0, |stats| stats.live_bytes as f64)
}
