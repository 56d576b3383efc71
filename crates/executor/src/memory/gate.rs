//! Lets runs and calls begin when there is room for them, in the order in which they came.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use graphbit_memory::{Budget, Pressure, Reservation};
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::RunMemory;
use super::process::look_around;

/// Where the work of one executor, or of one client, begins. Above a soft limit nothing does while something is under way;
/// when nothing is, one may: what it waits for would never come.
#[derive(Debug)]
pub(crate) struct Gate {
    /// All of its kind in the process.
    all: &'static AtomicUsize,
    active: AtomicUsize,
    /// What one takes, as those before it did.
    typical: AtomicU64,
    /// Held by the next to begin.
    turn: Mutex<()>,
}

/// Work that has begun; dropped when it has ended.
#[derive(Debug)]
pub(crate) struct Admitted {
    gate: Arc<Gate>,
    /// Set aside until the work has allocated for itself.
    expected: Option<Reservation>,
}

/// What is under way in the process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnderWay {
    /// Runs that have begun.
    pub runs: usize,
    /// Direct calls that have begun, and streams whose reply has not ended.
    pub calls: usize,
}

static RUNS: AtomicUsize = AtomicUsize::new(0);
static CALLS: AtomicUsize = AtomicUsize::new(0);

/// What is under way in the process now.
pub fn under_way() -> UnderWay {
    UnderWay { runs: RUNS.load(Ordering::Relaxed), calls: CALLS.load(Ordering::Relaxed) }
}

/// What is expected of the first.
const TYPICAL: u64 = 32 << 10;
/// Memory that is freed outside of runs wakes nobody: then it is looked at this often.
const LOOK: Duration = Duration::from_millis(25);

impl Gate {
    /// For the runs of an executor.
    pub(crate) fn of_runs() -> Arc<Self> {
        Self::new(&RUNS)
    }

    /// For the calls of a client.
    pub(crate) fn of_calls() -> Arc<Self> {
        Self::new(&CALLS)
    }

    fn new(all: &'static AtomicUsize) -> Arc<Self> {
        Arc::new(Self { all, active: AtomicUsize::new(0), typical: AtomicU64::new(0), turn: Mutex::new(()) })
    }

    /// Waits until work may begin within a budget.
    pub(crate) async fn admit(self: &Arc<Self>, budget: &Budget) -> Admitted {
        match self.try_admit(budget) {
            Some(admitted) => admitted,
            None => self.wait(budget).boxed().await, // boxed, for hardly anybody waits
        }
    }

    /// Where nothing is limited, work may begin at once.
    pub(crate) fn try_admit(self: &Arc<Self>, budget: &Budget) -> Option<Admitted> {
        (!budget.is_limited()).then(|| self.begin(None))
    }

    async fn wait(self: &Arc<Self>, budget: &Budget) -> Admitted {
        let _turn = self.turn.lock().await;
        loop {
            look_around();
            if budget.check() == Pressure::Fine || self.active.load(Ordering::Acquire) == 0 {
                // Refused above the hard limit: the work will be told when it asks for more.
                return self.begin(budget.try_reserve(self.expected()).ok());
            }
            let _ = timeout(LOOK, budget.below_soft()).await;
        }
    }

    /// How many are under way.
    pub(crate) fn active(&self) -> usize {
        self.active.load(Ordering::Relaxed)
    }

    fn begin(self: &Arc<Self>, expected: Option<Reservation>) -> Admitted {
        self.active.fetch_add(1, Ordering::AcqRel);
        self.all.fetch_add(1, Ordering::Relaxed);
        Admitted { gate: Arc::clone(self), expected }
    }

    fn expected(&self) -> u64 {
        match self.typical.load(Ordering::Relaxed) {
            0 => TYPICAL,
            bytes => bytes,
        }
    }
}

impl Admitted {
    /// From now on the allocator counts what the work takes.
    pub(crate) fn under_way(&mut self) {
        self.expected = None;
    }

    /// What the work took at most is what is expected of those that come after it.
    pub(crate) fn took(&self, memory: &RunMemory) {
        let account = memory.budget().account().filter(|_| memory.budget().is_limited());
        if let Some(peak) = account.and_then(|account| account.peak_bytes()) {
            let before = self.gate.expected();
            self.gate.typical.store(before - before / 8 + peak / 8, Ordering::Relaxed);
        }
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        self.gate.active.fetch_sub(1, Ordering::AcqRel);
        self.gate.all.fetch_sub(1, Ordering::Relaxed);
    }
}
