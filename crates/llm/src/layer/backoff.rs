//! How long to wait before trying again: as the server advised, or with full jitter
//! (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).

use std::time::Duration;

use graphbit_core::{Error, Result};
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::driver::after;

/// How often and how patiently a call is tried again.
pub(crate) struct Backoff {
    retries: u32,
    base: Duration,
    longest: Duration,
    budget: Option<Duration>,
}

impl Backoff {
    /// Up to `retries` times more. The wait before the n-th is a random share of 0.5 s × 2ⁿ⁻¹, at most 8 s.
    pub(crate) fn new(retries: u32) -> Self {
        Self { retries, base: Duration::from_millis(500), longest: Duration::from_secs(8), budget: None }
    }

    /// All attempts and the waits between them take no longer; the first is never cut off.
    pub(super) fn budget(mut self, budget: Duration) -> Self {
        self.budget = Some(budget);
        self
    }

    /// A server may ask for up to this long; a call that is asked for more fails with the advice in its error.
    const PATIENCE: Duration = Duration::from_secs(60);

    pub(super) fn wait(&self, error: &Error, attempt: u32) -> Option<Duration> {
        // "At once" is no advice of a server that has just refused.
        match error.retry_after().filter(|advice| !advice.is_zero()) {
            Some(advice) if advice > Self::PATIENCE => None,
            // A little more than advised, so that many callers do not come back at once.
            Some(advice) => Some(advice + self.base.mul_f64(fastrand::f64() / 2.0)),
            None => {
                let ceiling = self.base.saturating_mul(1_u32.checked_shl(attempt).unwrap_or(u32::MAX));
                Some(ceiling.min(self.longest).mul_f64(fastrand::f64()))
            }
        }
    }

    /// Tries until it succeeds, fails for good, or has been tried often enough.
    pub(crate) async fn persist<T, F>(&self, work: impl Fn() -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let deadline = self.budget.map(|budget| after(Instant::now(), budget));
        let mut attempt: u32 = 0;
        let mut last: Option<Error> = None;
        loop {
            let done = match (deadline, last.take()) {
                (Some(deadline), Some(last)) => match timeout_at(deadline, work()).await {
                    Ok(done) => done,
                    Err(_) => return Err(last.spent()),
                },
                _ => work().await,
            };
            let error = match done {
                Ok(done) => return Ok(done),
                Err(error) => error.attempts(attempt.saturating_add(1)),
            };
            if !error.is_retryable() {
                return Err(error);
            }
            let wait = self.wait(&error, attempt).filter(|_| attempt < self.retries);
            match wait.map(|wait| after(Instant::now(), wait)) {
                Some(next) if deadline.is_none_or(|deadline| next < deadline) => sleep_until(next).await,
                _ => return Err(error.spent()),
            }
            (attempt, last) = (attempt + 1, Some(error));
        }
    }
}
