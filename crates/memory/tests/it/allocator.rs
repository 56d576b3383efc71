//! What the figures say after known work.

use std::sync::Barrier;
use std::sync::mpsc::channel;
use std::thread;

use graphbit_memory::{AllocatorStats, Sample, Snapshot, allocator_stats, leave_thread};

use crate::alone;

/// What the test harness may allocate or keep meanwhile, in bytes and in blocks.
const SLACK: i64 = 32 * 1024;
const SLACK_BLOCKS: i64 = 200;

/// The documented fuzziness of the peak, per thread.
const PEAK_STEP: u64 = 96 * 1024;

fn stats() -> AllocatorStats {
    allocator_stats().expect("installed in this program")
}

fn assert_settled(before: AllocatorStats, after: AllocatorStats) {
    let bytes = after.live_bytes.cast_signed() - before.live_bytes.cast_signed();
    let blocks = after.live_blocks().cast_signed() - before.live_blocks().cast_signed();
    assert!(bytes.abs() < SLACK, "{bytes} bytes are still live");
    assert!(blocks.abs() < SLACK_BLOCKS, "{blocks} blocks are still live");
}

#[test]
fn blocks_freed_on_other_threads_bring_live_bytes_back() {
    const THREADS: u64 = 8;
    const BLOCKS: u64 = 2000;
    const BYTES: u64 = 1500;
    let _alone = alone();
    let before = stats();
    let (send, receive) = channel::<Vec<u8>>();
    thread::scope(|scope| {
        for _ in 0..THREADS {
            let send = send.clone();
            scope.spawn(move || {
                for _ in 0..BLOCKS {
                    send.send(vec![1; BYTES as usize]).unwrap();
                }
            });
        }
    });
    drop(send);
    let held = stats();
    thread::spawn(move || receive.iter().count()).join().unwrap();
    let after = stats();

    let moved = THREADS * BLOCKS * BYTES;
    assert!(held.live_bytes - before.live_bytes >= moved);
    assert!(held.allocations - before.allocations >= THREADS * BLOCKS);
    assert!(after.frees - before.frees >= THREADS * BLOCKS);
    assert!(after.allocated_bytes - before.allocated_bytes >= moved);
    assert!(after.peak_live_bytes >= before.live_bytes + moved);
    assert_settled(before, after);
}

#[test]
fn a_peak_that_nobody_looked_at_is_remembered() {
    const THREADS: u64 = 4;
    const BYTES: u64 = 40 << 20;
    let _alone = alone();
    let before = stats();
    let all_hold = Barrier::new(THREADS as usize);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let blocks: Vec<Vec<u8>> = (0..BYTES >> 10).map(|_| Vec::with_capacity(1 << 10)).collect();
                all_hold.wait();
                drop(blocks);
            });
        }
    });
    let after = stats();
    let known = before.live_bytes + THREADS * BYTES;
    assert!(after.peak_live_bytes + THREADS * PEAK_STEP >= known, "{} < {known}", after.peak_live_bytes);
    assert!(after.peak_live_bytes <= known.max(before.peak_live_bytes) + (4 << 20));
    assert_settled(before, after);
}

#[test]
fn a_large_block_after_many_were_freed_is_seen_at_once() {
    const BYTES: usize = 128 << 20; // together more than any other test holds
    let _alone = alone();
    let before = stats().live_bytes;
    drop(vec![0_u8; BYTES]); // this thread has had as much
    let (all_hold, seen) = (Barrier::new(2), Barrier::new(2));
    thread::scope(|scope| {
        scope.spawn(|| {
            let other = vec![0_u8; BYTES];
            all_hold.wait();
            seen.wait();
            drop(other);
        });
        all_hold.wait();
        drop(vec![0_u8; BYTES]);
        seen.wait();
    });
    assert!(stats().peak_live_bytes + 2 * PEAK_STEP >= before + 2 * BYTES as u64);
}

#[test]
fn resizing_counts_the_difference_and_zeroed_blocks_count_too() {
    let _alone = alone();
    let before = stats();
    let mut block: Vec<u8> = vec![0; 1 << 20];
    assert!(block.iter().all(|byte| *byte == 0));
    block.reserve_exact(3 << 20);
    let grown = stats();
    block.truncate(1 << 10);
    block.shrink_to_fit();
    let shrunk = stats();
    assert!(block.iter().all(|byte| *byte == 0));
    drop(block);
    let after = stats();

    let near = |figure: u64, expected: u64| figure.abs_diff(expected) < SLACK as u64;
    assert!(near(grown.live_bytes - before.live_bytes, 4 << 20));
    assert!(near(grown.allocated_bytes - before.allocated_bytes, 4 << 20));
    assert!(near(shrunk.live_bytes, before.live_bytes + (1 << 10)));
    assert!(near(shrunk.allocated_bytes, grown.allocated_bytes));
    assert!(after.allocations - before.allocations < SLACK_BLOCKS as u64);
    assert_settled(before, after);
}

/// More threads than there are places of their own, then again with threads that leave.
#[test]
fn figures_stay_exact_when_threads_run_out_of_places() {
    let _alone = alone();
    for leaves in [false, true] {
        let before = stats();
        for _ in 0..20 {
            let blocks: Vec<Vec<u8>> = thread::scope(|scope| {
                let work = || {
                    scope.spawn(|| {
                        let block = vec![1_u8; 10_000];
                        drop(block.clone());
                        if leaves {
                            leave_thread();
                            drop(block.clone());
                        }
                        block
                    })
                };
                let threads: Vec<_> = (0..32).map(|_| work()).collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).collect()
            });
            assert_eq!(blocks.len(), 32);
        }
        let after = stats();
        assert!(after.allocated_bytes - before.allocated_bytes >= 20 * 32 * 2 * 10_000);
        assert_settled(before, after);
    }
}

/// A thread-local whose destructor frees and allocates runs while the thread is torn down.
#[test]
fn allocating_during_thread_teardown_is_counted() {
    struct Late(Vec<u8>);
    impl Drop for Late {
        fn drop(&mut self) {
            drop(self.0.clone());
        }
    }
    thread_local! {
        static LATE: Late = Late(vec![7; 1 << 20]);
    }
    let _alone = alone();
    let before = stats();
    thread::spawn(|| {
        assert_eq!(LATE.with(|late| late.0.len()), 1 << 20);
        leave_thread();
    })
    .join()
    .unwrap();
    let after = stats();
    assert!(after.allocated_bytes - before.allocated_bytes >= 2 << 20);
    assert_settled(before, after);
}

#[test]
fn a_snapshot_carries_the_figures_into_a_sample() {
    let _alone = alone();
    let seen = Snapshot::take();
    let native = seen.native.expect("installed in this program");
    let sample = Sample::from(&seen);
    assert_eq!(sample.native_live, Some(native.live_bytes as f64));
    assert_eq!(sample.heap_used, None);
    let json = serde_json::to_value(native).unwrap();
    for key in ["liveBytes", "peakLiveBytes", "allocatedBytes", "allocations", "frees"] {
        assert!(json[key].is_u64(), "{key}");
    }
}
