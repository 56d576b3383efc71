//! Counts calls.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use graphbit_core::Result;
use graphbit_llm::{Response, Usage};
use serde::Serialize;

/// What a caller has asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CallStats {
    /// Calls that have begun.
    pub total_requests: u64,
    /// Calls that ended well.
    pub successful_requests: u64,
    /// Calls that failed or were dropped.
    pub failed_requests: u64,
    /// Mean time of the calls that ended, in milliseconds.
    pub average_response_time_ms: f64,
    /// Tokens read and written, where the vendor counted them.
    pub total_tokens: u64,
    /// What they cost, where there was a price; `None` when nothing was priced.
    pub cost: Option<f64>,
}

#[derive(Debug, Default)]
pub(super) struct Meter {
    begun: AtomicU64,
    succeeded: AtomicU64,
    failed: AtomicU64,
    micros: AtomicU64,
    tokens: AtomicU64,
    cost: Mutex<Option<f64>>,
}

/// A call under way; dropped without a word, it has failed.
pub(super) struct Counted {
    meter: Arc<Meter>,
    began: Instant,
    succeeded: bool,
}

impl Meter {
    pub(super) fn begin(self: &Arc<Self>) -> Counted {
        self.begun.fetch_add(1, Ordering::Relaxed);
        Counted { meter: Arc::clone(self), began: Instant::now(), succeeded: false }
    }

    pub(super) fn read(&self) -> CallStats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let (succeeded, failed) = (read(&self.succeeded), read(&self.failed));
        let ended = succeeded + failed;
        CallStats {
            total_requests: read(&self.begun),
            successful_requests: succeeded,
            failed_requests: failed,
            average_response_time_ms: if ended == 0 {
                0.0
            } else {
                read(&self.micros) as f64 / ended as f64 / 1e3
            },
            total_tokens: read(&self.tokens),
            cost: *self.cost(),
        }
    }

    pub(super) fn reset(&self) {
        for counter in [&self.begun, &self.succeeded, &self.failed, &self.micros, &self.tokens] {
            counter.store(0, Ordering::Relaxed);
        }
        *self.cost() = None;
    }

    fn cost(&self) -> MutexGuard<'_, Option<f64>> {
        self.cost.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counted {
    pub(super) fn end(mut self, outcome: &Result<Response>) {
        if let Ok(response) = outcome {
            self.usage(response.usage.as_ref());
            self.succeeded = true;
        }
    }

    pub(super) fn usage(&self, usage: Option<&Usage>) {
        let tokens =
            usage.map_or(0, |usage| usage.input.unwrap_or(0).saturating_add(usage.output.unwrap_or(0)));
        self.meter.tokens.fetch_add(tokens, Ordering::Relaxed);
        if let Some(cost) = usage.and_then(|usage| usage.cost) {
            *self.meter.cost().get_or_insert(0.0) += cost;
        }
    }

    pub(super) fn succeed(mut self) {
        self.succeeded = true;
    }

    pub(super) fn fail(self) {}
}

impl Drop for Counted {
    fn drop(&mut self) {
        let counter = if self.succeeded { &self.meter.succeeded } else { &self.meter.failed };
        counter.fetch_add(1, Ordering::Relaxed);
        let micros = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.meter.micros.fetch_add(micros, Ordering::Relaxed);
    }
}
