//! When a failed node is tried again. The clock and the randomness belong to whoever waits.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::millis;

/// How often, and after which pauses, a node whose error may be retried is tried again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// Attempts after the first one; 0 means none.
    pub max_retries: u32,
    /// The pause before the first of them.
    #[serde(rename = "initialDelayMs", with = "millis")]
    pub initial_delay: Duration,
    /// The longest pause.
    #[serde(rename = "maxDelayMs", with = "millis")]
    pub max_delay: Duration,
}

impl RetryPolicy {
    /// So many attempts after the first one, with pauses from half a second up to half a minute.
    pub fn new(max_retries: u32) -> Self {
        Self { max_retries, ..Self::default() }
    }

    /// Sets the pause before the first retry and the longest one; it doubles in between.
    #[must_use]
    pub fn with_delays(mut self, initial: Duration, max: Duration) -> Self {
        self.initial_delay = initial;
        self.max_delay = max;
        self
    }

    /// The pause before retry number `retry` (1 is the first), before any jitter.
    pub fn delay(&self, retry: u32) -> Duration {
        let factor = 1_u32.checked_shl(retry.saturating_sub(1)).unwrap_or(u32::MAX);
        self.initial_delay.saturating_mul(factor).min(self.max_delay)
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { max_retries: 2, initial_delay: Duration::from_millis(500), max_delay: Duration::from_secs(30) }
    }
}
