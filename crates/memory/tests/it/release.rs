//! What is released, and what is said to be releasable.

use graphbit_memory::{Snapshot, allocator_stats, releasable_bytes, release_free_memory, tune_allocator};

use crate::alone;

const BLOCKS: usize = 60_000;
const SIZE: usize = 1000;
/// What other tests' harness threads may move meanwhile.
const SLACK: u64 = 1 << 20;

#[test]
fn what_lies_between_blocks_that_live_on_goes_back_to_the_system() {
    let _alone = alone();
    assert_eq!(tune_allocator(), release_free_memory().is_some());
    let Some(released) = release_free_memory() else { return };
    let start = released.rss_after_bytes.unwrap();
    let mut blocks: Vec<Vec<u8>> = (0..BLOCKS).map(|_| vec![1; SIZE]).collect();
    let peak = Snapshot::take().rss_bytes.unwrap();
    assert!(releasable_bytes().unwrap() < SLACK);

    let mut index = 0;
    blocks.retain(|_| {
        index += 1;
        index % 200 == 0
    });
    let freed = (BLOCKS - blocks.len()) * SIZE;
    assert!(releasable_bytes().unwrap().abs_diff(freed as u64) < SLACK);
    let stays = Snapshot::take().rss_bytes.unwrap();

    let process_peak = allocator_stats().unwrap().peak_live_bytes;
    let released = release_free_memory().unwrap();
    let end = released.rss_after_bytes.unwrap();
    println!("resident at the start {start}, at the peak {peak}, with 1 of 200 left {stays}, released {end}");
    assert!(released.bytes().unwrap() > (peak - start) * 8 / 10, "{released:?}");
    assert!(end.saturating_sub(start) < (peak - start) / 10);
    assert!(releasable_bytes().unwrap() < SLACK, "what was released is not counted again");
    assert!(allocator_stats().unwrap().peak_live_bytes >= process_peak, "the process' peak stays");
}

#[test]
fn what_a_thread_freed_last_goes_back_too() {
    let _alone = alone();
    if !tune_allocator() {
        return;
    }
    let rounds = || {
        for _ in 0..20 {
            let small: Vec<Vec<u8>> = (0..100_000).map(|index| vec![1; 16 + index % 500]).collect();
            drop(small);
        }
        release_free_memory().unwrap().rss_after_bytes.unwrap()
    };
    let start = release_free_memory().unwrap().rss_after_bytes.unwrap();
    // The thread has an arena of its own, and lives on while it is measured.
    let end = std::thread::spawn(rounds).join().unwrap();
    println!("resident at the start {start}, at the end {end}");
    assert!(end.saturating_sub(start) < 4 << 20, "{start} {end}");
}
