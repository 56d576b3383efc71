//! What a process uses: native bytes counted by the allocator, snapshots of the process, their timeline, and a
//! verdict on whether it leaks.
//!
//! It observes only: it installs no allocator, starts no thread and no timer, and prints nothing. The program
//! chooses the allocator and the moments at which it looks. A figure that cannot be had is absent, never 0.
//!
//! ```
//! use std::alloc::System;
//!
//! use graphbit_memory::{LeakOptions, Sample, Snapshot, Timeline, Tracking, Verdict, judge};
//!
//! #[global_allocator]
//! static ALLOCATOR: Tracking<System> = Tracking::new(System);
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut timeline = Timeline::with_capacity(200)?;
//! let mut forgotten = Vec::new();
//! for run in 0..100 {
//!     forgotten.push(vec![0_u8; 64 * 1024]);
//!     let seen = Snapshot::take();
//!     // A real program waits between two samples; here every run stands for a second.
//!     timeline.push(Sample { timestamp_ms: f64::from(run) * 1000.0, ..Sample::from(&seen) });
//! }
//!
//! let Verdict::Growing(growth) = judge(&timeline, &LeakOptions::default()) else { panic!("it leaks") };
//! assert!(growth.bytes_per_second > 60_000.0);
//! # Ok(())
//! # }
//! ```

mod allocator;
mod host;
mod leak;
mod snapshot;
mod timeline;
mod trend;

pub use allocator::{AllocatorStats, Tracking, allocator_stats, leave_thread};
pub use host::{SystemMemory, memory_limit_bytes, system_memory};
pub use leak::{Growth, LeakOptions, Verdict, judge, judge_series};
pub use snapshot::Snapshot;
pub use timeline::{CapacityTooSmall, Sample, Series, SeriesStats, Timeline, TimelineStats};
