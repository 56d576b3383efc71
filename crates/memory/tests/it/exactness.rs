//! Random work, after which every figure is exact to the byte.

use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Barrier, Mutex};
use std::thread;

use fastrand::Rng;
use graphbit_memory::{Account, Scope, allocator_stats, leave_thread};

use crate::alone;

const THREADS: usize = 4;
const ROUNDS: usize = 10;
const JOBS: usize = 1000;

/// A block, and the job that paid for it.
struct Held {
    bytes: Vec<u8>,
    job: usize,
}

/// Blocks that lie about for any thread to resize, pass on or drop.
struct Market(Mutex<Vec<Held>>);

impl Market {
    fn put(&self, held: Held) {
        let _scope = Scope::shared();
        self.0.lock().unwrap().push(held);
    }

    fn take(&self, random: &mut Rng) -> Option<Held> {
        let mut held = self.0.lock().unwrap();
        let count = held.len();
        (count > 0).then(|| held.swap_remove(random.usize(..count)))
    }
}

fn work(account: &Account, job: usize, market: &Market, random: &mut Rng) {
    let _scope = account.enter();
    for _ in 0..random.usize(1..20) {
        match random.u8(..6) {
            0 | 1 => market.put(Held { bytes: vec![job as u8; random.usize(1..3000)], job }),
            2 => drop(market.take(random)),
            3 => {
                let _inner = Scope::shared();
                drop(market.take(random));
            }
            4 => {
                if let Some(mut held) = market.take(random) {
                    held.bytes.reserve_exact(random.usize(1..5000));
                    market.put(held);
                }
            }
            _ => {
                if let Some(mut held) = market.take(random) {
                    held.bytes.truncate(random.usize(1..1000));
                    held.bytes.shrink_to_fit();
                    market.put(held);
                }
            }
        }
    }
}

fn check(accounts: &[Account], market: &Market, expected: &mut [u64]) {
    expected.fill(0);
    for held in market.0.lock().unwrap().iter() {
        expected[held.job] += held.bytes.capacity() as u64;
    }
    for (account, expected) in accounts.iter().zip(expected.iter()) {
        assert_eq!(account.live_bytes(), Some(*expected));
    }
    // The harness may still be busy with a test that ended, but not for long.
    let agrees = || {
        let sum: u64 = accounts.iter().chain([&Account::shared()]).filter_map(Account::live_bytes).sum();
        sum == allocator_stats().unwrap().live_bytes
    };
    assert!((0..100).any(|_| agrees() || {
        thread::yield_now();
        false
    }));
}

#[test]
fn ten_thousand_jobs_on_four_threads_leave_nothing_behind() {
    let _alone = alone();
    let market = Market(Mutex::new(Vec::new()));
    let mut expected = vec![0; JOBS];
    for round in 0..ROUNDS {
        let accounts: Vec<Account> = (0..JOBS).map(|job| Account::open(format!("job {job}"))).collect();
        let (next, settled, checked) =
            (AtomicUsize::new(0), Barrier::new(THREADS + 1), Barrier::new(THREADS + 1));
        thread::scope(|scope| {
            for seed in 0..THREADS {
                let (accounts, market, next, settled, checked) =
                    (&accounts, &market, &next, &settled, &checked);
                scope.spawn(move || {
                    let mut random = Rng::with_seed((round * THREADS + seed) as u64);
                    // Half of the jobs, a look, the other half, a look, then whatever is left is dropped.
                    for until in [JOBS / 2, JOBS] {
                        loop {
                            let job = next.fetch_add(1, Relaxed);
                            if job >= until {
                                break;
                            }
                            work(&accounts[job], job, market, &mut random);
                        }
                        settled.wait();
                        checked.wait();
                        next.store(JOBS / 2, Relaxed);
                        settled.wait();
                    }
                    while let Some(held) = market.take(&mut random) {
                        drop(held);
                    }
                    if seed % 2 == 0 {
                        leave_thread();
                    }
                });
            }
            for _ in 0..2 {
                settled.wait();
                check(&accounts, &market, &mut expected);
                checked.wait();
                settled.wait();
            }
        });
        assert!(market.0.lock().unwrap().is_empty());
        assert!(accounts.iter().all(|account| account.live_bytes() == Some(0)));
    }
}
