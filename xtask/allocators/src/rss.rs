//! Resident memory of this process.

use crate::Result;

/// In bytes, now.
pub(crate) fn bytes() -> Result<u64> {
    graphbit_memory::Snapshot::take().rss_bytes.ok_or_else(|| "the resident size cannot be read here".into())
}
