//! Whose native memory is whose, and the limit over all of it.

use std::sync::Arc;

use graphbit_executor::{limit_process, process_budget};
use graphbit_memory::{AccountStats, Limits, accounts_refused, memory_limit_bytes};
use napi_derive::napi;
use serde_json::{Value, json};

/// How many runs are listed: those that hold most.
const LISTED: usize = 100;
const MIB: f64 = 1024.0 * 1024.0;

/// All accounts, summed up by whose they are; null where nobody counts.
pub(crate) fn accounts() -> Value {
    let Some(mut accounts) = graphbit_memory::accounts() else { return Value::Null };
    let of = |account: &AccountStats, prefix: &str| account.name.starts_with(prefix);
    let sum = |accounts: &[AccountStats]| accounts.iter().map(|account| account.live_bytes).sum::<u64>();
    let mut runs: Vec<_> = accounts.extract_if(.., |account| of(account, "run_")).collect();
    let calls: Vec<_> = accounts.extract_if(.., |account| of(account, "calls to ")).collect();
    let (in_runs, in_calls, shared) = (sum(&runs), sum(&calls), sum(&accounts));
    runs.sort_unstable_by_key(|account| std::cmp::Reverse(account.live_bytes));
    let listed = runs.iter().take(LISTED).map(|run| {
        json!({
            "runId": Arc::clone(&run.name),
            "liveBytes": run.live_bytes,
            "peakBytes": run.peak_bytes,
            "allocatedBytes": run.allocated_bytes,
            "allocations": run.allocations,
        })
    });
    json!({
        "sharedBytes": shared,
        "callsBytes": in_calls,
        "runsBytes": in_runs,
        "runs": runs.len(),
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
