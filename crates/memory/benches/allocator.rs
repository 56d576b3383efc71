//! What counting costs: the system allocator as it is and behind `Tracking`, side by side in one program.
//!
//! `cargo bench -p graphbit-memory`. A round frees a random one of 64 held blocks and allocates another one; the
//! best of several turns is printed, taken alternately so that a change of clock speed meets both. The row "many
//! threads before" is what threads pay that come after 256 others which did not call `leave_thread`.

#![expect(unsafe_code, reason = "calls the allocators directly, to have both in one program")]
#![expect(clippy::print_stdout, reason = "a program that prints what it measured")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::ptr;
use std::thread;
use std::time::Instant;

use graphbit_memory::Tracking;

const ROUNDS: u32 = 2_000_000;
const TURNS: u32 = 9;
const HELD: usize = 64;
const ALIGN: usize = 8;

static TRACKING: Tracking<System> = Tracking::new(System);

fn main() {
    println!("one round = one free and one allocation; best of {TURNS} turns of {ROUNDS} rounds a thread");
    println!("{:<38}{:>12}{:>12}{:>8}", "", "plain ns", "tracked ns", "ratio");
    for (sizes, smallest, spread) in [("16-527 bytes", 16, 512), ("1-64 KiB", 1024, 64 * 1024)] {
        for threads in [1, 2] {
            row(&format!("{sizes}, {threads} thread(s)"), threads, smallest, spread);
        }
    }
    for _ in 0..300 {
        let _ = thread::spawn(|| time(&TRACKING, 1, 1, 16, 512)).join();
    }
    for threads in [1, 2] {
        row(&format!("many threads before, {threads} thread(s)"), threads, 16, 512);
    }
}

fn row(name: &str, threads: usize, smallest: usize, spread: usize) {
    let (mut plain, mut tracked) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..TURNS {
        plain = plain.min(time(&System, threads, ROUNDS, smallest, spread));
        tracked = tracked.min(time(&TRACKING, threads, ROUNDS, smallest, spread));
    }
    println!("{name:<38}{plain:>12.1}{tracked:>12.1}{:>8.2}", tracked / plain);
}

/// Nanoseconds a round.
fn time<A: GlobalAlloc + Sync>(
    allocator: &A,
    threads: usize,
    rounds: u32,
    smallest: usize,
    spread: usize,
) -> f64 {
    let start = Instant::now();
    thread::scope(|scope| {
        for seed in 1..=threads as u64 {
            scope.spawn(move || churn(allocator, seed, rounds, smallest, spread));
        }
    });
    start.elapsed().as_secs_f64() * 1e9 / f64::from(rounds)
}

/// `spread` is a power of two: a mask, because a division would hide what is measured.
fn churn<A: GlobalAlloc>(allocator: &A, seed: u64, rounds: u32, smallest: usize, spread: usize) {
    let mut held = [(ptr::null_mut::<u8>(), Layout::new::<u8>()); HELD];
    let mut random = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    for _ in 0..rounds {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let size = smallest + ((random >> 16) as usize & (spread - 1));
        let (Some(place), Ok(layout)) =
            (held.get_mut(random as usize % HELD), Layout::from_size_align(size, ALIGN))
        else {
            return;
        };
        give_back(allocator, *place);
        // SAFETY: the size is at least `smallest`, which is never 0.
        *place = (black_box(unsafe { allocator.alloc(layout) }), layout);
    }
    held.into_iter().for_each(|block| give_back(allocator, block));
}

fn give_back<A: GlobalAlloc>(allocator: &A, (block, layout): (*mut u8, Layout)) {
    if !block.is_null() {
        // SAFETY: allocated above by this allocator with this layout, and overwritten or dropped right after.
        unsafe { allocator.dealloc(block, layout) };
    }
}
