//! What the machine and the container grant: physical memory and the memory limit.
//!
//! What the process uses of it is in `snapshot`. Read from Linux' `/proc` and cgroups without a dependency; every
//! figure is `None` elsewhere, where the runtime above (Node's `os.totalmem()`) has it anyway.

mod cgroup;
mod procfs;
mod resident;
#[cfg(test)]
mod tests;

use serde::Serialize;

pub use cgroup::memory_limit_bytes;
pub(crate) use procfs::{kilobytes, read};
pub use resident::resident_bytes;

/// Physical memory of the machine, in bytes; in a container still that of the whole machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SystemMemory {
    /// Usable by the kernel and all programs.
    pub total_bytes: u64,
    /// The kernel's estimate of what programs could still get without swapping.
    pub available_bytes: u64,
}

/// Physical memory according to `/proc/meminfo`; `None` where that file is missing or lacks a figure.
pub fn system_memory() -> Option<SystemMemory> {
    parse_meminfo(&read("/proc/meminfo")?)
}

fn parse_meminfo(text: &str) -> Option<SystemMemory> {
    Some(SystemMemory {
        total_bytes: kilobytes(text, "MemTotal")?,
        available_bytes: kilobytes(text, "MemAvailable")?,
    })
}
