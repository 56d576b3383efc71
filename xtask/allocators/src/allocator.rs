//! The allocator that the features chose, behind `Tracking` as in the npm package, and its way to give memory back.

use graphbit_memory::Tracking;

#[cfg(feature = "mimalloc")]
use mimalloc::MiMalloc as Inner;
#[cfg(not(any(feature = "mimalloc", feature = "jemalloc")))]
use std::alloc::System as Inner;
#[cfg(feature = "jemalloc")]
use tikv_jemallocator::Jemalloc as Inner;

#[global_allocator]
static ALLOCATOR: Tracking<Inner> = Tracking::new(Inner);
