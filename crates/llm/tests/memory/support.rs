//! One test at a time, and what is allocated now.

use std::sync::{Mutex, MutexGuard, PoisonError};

use graphbit_memory::allocator_stats;

/// The other tests wait while this is held.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn live() -> u64 {
    allocator_stats().unwrap().live_bytes
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}
