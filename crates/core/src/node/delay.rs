//! A pause of known length.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::millis;

/// A time to wait; the node's input is its output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Delay {
    /// How long. In JSON whole milliseconds, rounded up, as `durationMs`.
    #[serde(rename = "durationMs", with = "millis")]
    pub duration: Duration,
}

impl Delay {
    /// A time to wait.
    pub fn new(duration: Duration) -> Self {
        Self { duration }
    }
}
