//! What a process uses and what a run holds: native bytes counted by the allocator and charged to accounts, budgets
//! over them, snapshots of the process, their timeline, and a verdict on whether it leaks.
//!
//! It observes only: it installs no allocator, starts no thread and no timer, refuses no allocation and prints
//! nothing. The program chooses the allocator and the moments at which it looks. A figure that cannot be had is
//! absent, never 0.
//!
//! * What does the process use? [`Tracking`], [`Snapshot`], [`Timeline`], [`judge`].
//! * What does a run hold? An [`Account`] has every byte allocated on its behalf, to the byte; a [`Ledger`] what
//!   the code says it keeps, by [`Category`].
//! * May it hold more? A [`Budget`].
//! * Does the system get back what is free? [`release_free_memory`].
//!
//! ```
//! use std::alloc::System;
//!
//! use graphbit_memory::{Budget, Category, Limits, Pressure, Tracking};
//!
//! #[global_allocator]
//! static ALLOCATOR: Tracking<System> = Tracking::new(System);
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let process = Budget::process(Limits::of_container());
//! let executor = process.group(Limits::default().soft(64 << 20));
//! let run = executor.open("run 17", Limits::default().hard(1 << 20));
//! let account = run.account().ok_or("a run has an account")?;
//!
//! let prompt = {
//!     let _scope = account.enter(); // for a future: account.wrap(future)
//!     "Why is the sky blue? ".repeat(1000)
//! };
//! let charge = run.ledger().charge(Category::Prompt, prompt.capacity() as u64);
//! assert_eq!(account.live_bytes(), Some(prompt.capacity() as u64));
//! assert_eq!(run.ledger().by_category().prompt, prompt.capacity() as u64);
//! assert_eq!(run.check(), Pressure::Fine);
//!
//! let refused = run.try_reserve(1 << 20).unwrap_err();
//! assert_eq!(refused.over_by(), prompt.capacity() as u64);
//!
//! // Whoever frees it: the account has it back.
//! std::thread::spawn(move || drop(prompt)).join().map_err(|_| "the thread panicked")?;
//! drop(charge);
//! assert_eq!((account.live_bytes(), run.ledger().total_bytes()), (Some(0), 0));
//! # Ok(())
//! # }
//! ```
//!
//! And over time:
//!
//! ```
//! use graphbit_memory::{LeakOptions, Sample, Snapshot, Timeline, Verdict, judge};
//! # use std::alloc::System;
//! # #[global_allocator]
//! # static ALLOCATOR: graphbit_memory::Tracking<System> = graphbit_memory::Tracking::new(System);
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

mod account;
mod allocator;
mod budget;
mod host;
mod leak;
mod ledger;
mod release;
mod snapshot;
mod timeline;
mod trend;

pub use account::{Account, AccountStats, Measured, Moved, Scope, Scoped, accounts, accounts_refused};
pub use allocator::{AllocatorStats, Tracking, allocator_stats, leave_thread};
pub use budget::{BelowSoft, Budget, Exceeded, Level, Limits, Pressure, Reservation};
pub use host::{SystemMemory, memory_limit_bytes, resident_bytes, system_memory};
pub use leak::{Growth, LeakOptions, Verdict, judge, judge_series};
pub use ledger::{Category, Charge, Holdings, Ledger};
pub use release::{Released, releasable_bytes, release_free_memory, tune_allocator};
pub use snapshot::Snapshot;
pub use timeline::{CapacityTooSmall, Sample, Series, SeriesStats, Timeline, TimelineStats};
