//! Bursts: thousands of tasks that each gather small blocks and buffers, wait together, and end together. What some
//! leave behind lies between the blocks of all others.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use crate::{Result, purge, rss};

const TASKS: usize = 16_000;
const SMALL: usize = 24;
const BUFFERS: usize = 3;
/// Every so many tasks leave a small block behind, for as long as the program runs.
const SURVIVORS: usize = 100;
const BURSTS: usize = 3;

static SURVIVED: Mutex<Vec<Box<[u8]>>> = Mutex::new(Vec::new());

struct Held {
    small: Vec<Box<[u8]>>,
    buffers: Vec<Vec<u8>>,
}

/// Bursts one after the other; with `purge` the allocator is asked once, a quarter of a second after each.
pub(crate) fn run(purge: bool) -> Result {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build()?;
    let mut lines = Vec::new();
    for _ in 0..BURSTS {
        let before = rss::bytes()?;
        let live = live();
        let began = Instant::now();
        let (gate, ready) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        let tasks: Vec<JoinHandle<Held>> = (0..TASKS)
            .map(|index| runtime.spawn(task(index, Arc::clone(&gate), Arc::clone(&ready))))
            .collect();
        drop(runtime.block_on(ready.acquire_many(TASKS as u32))?);
        let peak = rss::bytes()?;
        let asked = self::live() - live;
        gate.add_permits(TASKS);
        // Half of the blocks are freed here, on another thread than the one that made them.
        for task in tasks {
            drop(runtime.block_on(task)?);
        }
        let took = began.elapsed();
        let ended = Instant::now();
        let at_once = rss::bytes()?;
        std::thread::sleep(Duration::from_millis(250));
        let (purge_ms, pause_us) = if purge { timed_purge() } else { (0.0, 0) };
        std::thread::sleep(Duration::from_secs(1).saturating_sub(ended.elapsed()));
        let second = rss::bytes()?;
        std::thread::sleep(Duration::from_secs(2));
        let later = rss::bytes()?;
        lines.push(format!(
            "{{\"before\":{before},\"peak\":{peak},\"asked\":{asked},\"atOnce\":{at_once},\"afterOneSecond\":{second},\"afterThree\":{later},\"ms\":{},\"purgeMs\":{purge_ms:.1},\"pauseUs\":{pause_us}}}",
            took.as_millis()
        ));
    }
    println!("[{}]", lines.join(","));
    Ok(())
}

fn live() -> u64 {
    graphbit_memory::allocator_stats().map_or(0, |stats| stats.live_bytes)
}

async fn task(index: usize, gate: Arc<Semaphore>, ready: Arc<Semaphore>) -> Held {
    let mut random = fastrand::Rng::with_seed(index as u64);
    let mut held = Held { small: Vec::new(), buffers: Vec::new() };
    for step in 0..SMALL {
        held.small.push(vec![1; random.usize(16..528)].into());
        if step % (SMALL / BUFFERS) == 0 {
            held.buffers.push(vec![1; random.usize(4 << 10..16 << 10)]);
            tokio::task::yield_now().await; // others have their turn: blocks of many tasks lie side by side
        }
    }
    if index % SURVIVORS == 0 {
        let block = vec![1; random.usize(64..256)].into();
        SURVIVED.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(block);
    }
    ready.add_permits(1);
    let _permit = gate.acquire().await;
    held.small.truncate(SMALL / 2);
    held.buffers.truncate(1);
    held
}

/// Milliseconds of the purge, and the longest time that a thread needed meanwhile for some allocations.
fn timed_purge() -> (f64, u64) {
    let (done, longest) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let other = {
        let (done, longest) = (Arc::clone(&done), Arc::clone(&longest));
        move || {
            let began = Instant::now();
            purge::now();
            longest.store(began.elapsed().as_micros() as u64, Ordering::Relaxed);
            done.store(true, Ordering::Release);
        }
    };
    let thread = std::thread::spawn(other);
    let mut pause = Duration::ZERO;
    let mut kept = Vec::new();
    while !done.load(Ordering::Acquire) {
        let began = Instant::now();
        kept.push(vec![1_u8; 100 + kept.len() % 4000]);
        pause = pause.max(began.elapsed());
        if kept.len() > 2000 {
            kept.clear();
        }
    }
    let _ = thread.join();
    (longest.load(Ordering::Relaxed) as f64 / 1000.0, pause.as_micros() as u64)
}
