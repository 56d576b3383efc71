//! How long to wait before trying again: as the server advised, or with full jitter
//! (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).

use std::time::Duration;

use graphbit_core::{Error, Result};

/// How often and how patiently a call is tried again.
pub(crate) struct Backoff {
    retries: u32,
    base: Duration,
    longest: Duration,
}

impl Backoff {
    /// Up to `retries` times more. The wait before the n-th is a random share of 0.5 s × 2ⁿ⁻¹, at most 8 s.
    pub(crate) fn new(retries: u32) -> Self {
        Self { retries, base: Duration::from_millis(500), longest: Duration::from_secs(8) }
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
        let mut attempt: u32 = 0;
        loop {
            let error = match work().await {
                Ok(done) => return Ok(done),
                Err(error) => error.attempts(attempt.saturating_add(1)),
            };
            if !error.is_retryable() {
                return Err(error);
            }
            match self.wait(&error, attempt) {
                Some(wait) if attempt < self.retries => tokio::time::sleep(wait).await,
                _ => return Err(error.spent()),
            }
            attempt += 1;
        }
    }
}
