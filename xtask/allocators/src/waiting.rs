//! Objects like a call that waits for its reply: two buffers, some state, and many small blocks.

use crate::{Result, rss};

const CONNECTIONS: usize = 8_000;

/// Prints the bytes asked for and the resident bytes of one.
pub(crate) fn run() -> Result {
    let mut random = fastrand::Rng::with_seed(7);
    let (before, asked) = (rss::bytes()?, live());
    let mut all = Vec::with_capacity(CONNECTIONS);
    for _ in 0..CONNECTIONS {
        let mut one: Vec<Vec<u8>> = [8192, 8192, 2500, 1200, 640].iter().map(|size| vec![1; *size]).collect();
        one.extend((0..16).map(|_| vec![1; random.usize(16..528)]));
        all.push(one);
    }
    let (grown, asked) = (rss::bytes()?.saturating_sub(before), live().saturating_sub(asked));
    println!("{{\"asked\":{},\"rss\":{}}}", asked as usize / CONNECTIONS, grown as usize / CONNECTIONS);
    drop(all);
    Ok(())
}

fn live() -> u64 {
    graphbit_memory::allocator_stats().map_or(0, |stats| stats.live_bytes)
}
