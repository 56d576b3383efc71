//! Here no tracking allocator is installed; `tests/it` holds the tests with one.

use std::alloc::System;

use super::{AllocatorStats, Tracking, allocator_stats};

#[test]
fn figures_are_absent_without_the_allocator() {
    let _unused = Tracking::new(System);
    drop(vec![0_u8; 1 << 20]);
    assert_eq!(allocator_stats(), None);
}

#[test]
fn live_blocks_are_allocations_minus_frees() {
    let stats =
        AllocatorStats { live_bytes: 0, peak_live_bytes: 0, allocated_bytes: 0, allocations: 7, frees: 3 };
    assert_eq!(stats.live_blocks(), 4);
}
