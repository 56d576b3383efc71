//! Whose native memory is whose, and the limit over all of it.

use std::sync::Arc;

use graphbit_executor::{limit_process, process_budget};
use graphbit_memory::{AccountStats, Limits, accounts_refused, memory_limit_bytes};
use napi_derive::napi;
use serde_json::{Value, json};

/// How many runs are listed: those that hold most.
const LISTED: usize = 100;
const MIB: f64 = 1024.0 * 1024.0;

/// The accounts by whose they are, and the sums of their live bytes.
pub(crate) struct Whose {
    /// The runs that hold something.
    accounts: Vec<AccountStats>,
    pub(crate) runs: u64,
    pub(crate) calls: u64,
    pub(crate) shared: u64,
}

impl Whose {
    /// `None` where nobody counts.
    pub(crate) fn now() -> Option<Self> {
        let mut accounts = graphbit_memory::accounts()?;
        let mut take = |prefix: &str| -> (Vec<AccountStats>, u64) {
            let taken: Vec<_> = accounts.extract_if(.., |account| account.name.starts_with(prefix)).collect();
            let bytes = taken.iter().map(|account| account.live_bytes).sum();
            (taken, bytes)
        };
        let ((runs, in_runs), (_, in_calls)) = (take("run_"), take("calls to "));
        let shared = accounts.iter().map(|account| account.live_bytes).sum();
        Some(Self { accounts: runs, runs: in_runs, calls: in_calls, shared })
    }
}

/// All accounts, summed up by whose they are; null where nobody counts.
pub(crate) fn accounts() -> Value {
    let Some(mut whose) = Whose::now() else { return Value::Null };
    whose.accounts.sort_unstable_by_key(|account| std::cmp::Reverse(account.live_bytes));
    let listed = whose.accounts.iter().take(LISTED).map(|run| {
        json!({
            "runId": Arc::clone(&run.name),
            "liveBytes": run.live_bytes,
            "peakBytes": run.peak_bytes,
            "allocatedBytes": run.allocated_bytes,
            "allocations": run.allocations,
        })
    });
    json!({
        "sharedBytes": whose.shared,
        "callsBytes": whose.calls,
        "runsBytes": whose.runs,
        "runs": whose.accounts.len(),
        "byRun": listed.collect::<Vec<_>>(),
        "byCategory": process_budget().ledger().by_category(),
        "limitBytes": process_budget().limits().hard,
        "accountsRefused": accounts_refused(),
    })
}

/// Sets the limit of the process: megabytes, `"container"` for what the container grants, or `"none"`.
pub(crate) fn limit(limit: &Value) -> Result<(), String> {
    let limits = match limit {
        Value::String(none) if none == "none" => Limits::default(),
        Value::String(container) if container == "container" => match memory_limit_bytes() {
            Some(_) => Limits::of_container(),
            None => Limits::default(),
        },
        number => match number.as_f64().filter(|number| *number > 0.0) {
            Some(number) => {
                let hard = (number * MIB) as u64;
                Limits::default().hard(hard).soft(hard / 100 * 80)
            }
            None => {
                return Err(format!(
                    "memoryLimitMb must be a positive number, 'container' or null, not {number}"
                ));
            }
        },
    };
    limit_process(limits);
    Ok(())
}

/// The limit of the process in force.
pub(crate) fn limit_mb() -> Option<f64> {
    process_budget().limits().hard.map(|bytes| bytes as f64 / MIB)
}

/// Gives free memory back to the operating system at once; the bytes of the resident size that this took off, where the system
/// tells. It may take a tenth of a second for hundreds of megabytes.
#[napi(catch_unwind)]
pub fn release_free_memory() -> Option<f64> {
    graphbit_memory::release_free_memory()?.bytes().map(|bytes| bytes as f64)
}
