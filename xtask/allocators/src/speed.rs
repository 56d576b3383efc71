//! Allocations and frees of small blocks: on one thread, on two at once, and freed on another than made.

use std::hint::black_box;
use std::sync::mpsc;
use std::time::Instant;

use crate::Result;

const ROUNDS: u32 = 200_000;
const TURNS: usize = 40;
const HELD: usize = 256;
const BATCH: usize = 256;

/// Prints nanoseconds a round, the best of many turns; a round is one allocation and one free.
pub(crate) fn run() -> Result {
    let best = |turn: fn() -> f64| (0..TURNS).map(|_| turn()).fold(f64::INFINITY, f64::min);
    let (one, two, across, buffers) =
        (best(|| churn(16, 512)), best(two), best(across), best(|| churn(4096, 8192)));
    println!(
        "{{\"oneThread\":{one:.1},\"twoThreads\":{two:.1},\"freedElsewhere\":{across:.1},\"buffers\":{buffers:.1}}}"
    );
    Ok(())
}

fn churn(smallest: usize, spread: usize) -> f64 {
    let mut random = fastrand::Rng::with_seed(7);
    let mut held: Vec<Vec<u8>> = (0..HELD).map(|_| Vec::new()).collect();
    let began = Instant::now();
    for _ in 0..ROUNDS {
        let word = random.u64(..) as usize;
        if let Some(place) = held.get_mut(word % HELD) {
            *place = black_box(Vec::with_capacity(smallest + ((word >> 16) & (spread - 1))));
        }
    }
    began.elapsed().as_secs_f64() * 1e9 / f64::from(ROUNDS)
}

fn two() -> f64 {
    let other = std::thread::spawn(|| churn(16, 512));
    let here = churn(16, 512);
    other.join().unwrap_or(f64::INFINITY).max(here)
}

/// One thread makes batches, another frees them while the next one is made.
fn across() -> f64 {
    let (send, receive) = mpsc::sync_channel::<Vec<Vec<u8>>>(4);
    let freeing = std::thread::spawn(move || receive.into_iter().for_each(drop));
    let mut random = fastrand::Rng::with_seed(7);
    let began = Instant::now();
    for _ in 0..ROUNDS as usize / BATCH {
        let make = |_| black_box(Vec::with_capacity(16 + (random.u64(..) as usize & 511)));
        if send.send((0..BATCH).map(make).collect()).is_err() {
            return f64::INFINITY;
        }
    }
    drop(send);
    let _ = freeing.join();
    began.elapsed().as_secs_f64() * 1e9 / f64::from(ROUNDS)
}
