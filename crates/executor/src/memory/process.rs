//! The budget over the whole process.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{LazyLock, Once};
use std::time::{Duration, Instant};

use graphbit_core::give_up_half;
use graphbit_memory::{Budget, Limits, Pressure, Scope, allocator_stats, releasable_bytes, resident_bytes};

static PROCESS: LazyLock<Budget> = LazyLock::new(|| Budget::process(Limits::default()));
static IS_LIMITED: AtomicBool = AtomicBool::new(false);

/// How long a look at the process's resident size holds.
const FRESH: Duration = Duration::from_millis(20);

/// The budget above all executors and clients.
pub fn process_budget() -> &'static Budget {
    &PROCESS
}

/// Limits the memory of the whole process, as the operating system counts it: what native code has allocated, and on top the
/// rest of the resident size, like the heap of a JavaScript engine. `Limits::default()` lifts them.
pub fn limit_process(limits: Limits) {
    IS_LIMITED.store(limits != Limits::default(), Ordering::Relaxed);
    PROCESS.set_limits(limits);
    if limits == Limits::default() {
        PROCESS.set_external_bytes(0);
    }
    look_around();
}

/// Sees to it that what outlives a run is not the run's.
pub(super) fn attribute() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        graphbit_core::keep_apart(|work| {
            let _shared = Scope::shared();
            work();
        });
    });
}

/// Looks at what the process holds that the allocator does not see. Only where the process is limited, and not again within
/// 20 ms.
pub(super) fn look_around() {
    static LOOKED: AtomicU64 = AtomicU64::new(0);
    static BEGIN: LazyLock<Instant> = LazyLock::new(Instant::now);
    if !IS_LIMITED.load(Ordering::Relaxed) {
        return;
    }
    let now = u64::try_from(BEGIN.elapsed().as_millis()).unwrap_or(u64::MAX).saturating_add(1);
    let looked = LOOKED.load(Ordering::Relaxed);
    let fresh = u64::try_from(FRESH.as_millis()).unwrap_or(u64::MAX);
    if looked != 0 && now < looked.saturating_add(fresh)
        || LOOKED.compare_exchange(looked, now, Ordering::Relaxed, Ordering::Relaxed).is_err()
    {
        return; // fresh enough, or somebody else is looking
    }
    if let (Some(resident), Some(stats)) = (resident_bytes(), allocator_stats()) {
        // What was freed and not given back is there to be allocated again: it is in the resident size, and nobody's.
        let free = releasable_bytes().unwrap_or(0);
        PROCESS.set_external_bytes(resident.saturating_sub(stats.live_bytes).saturating_sub(free));
    }
    // What is kept for later goes before anybody has to wait. A little at a time: the next look is soon.
    if PROCESS.check() != Pressure::Fine {
        give_up_half();
    }
}
