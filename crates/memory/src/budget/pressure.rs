//! How near a budget is to its limits.

use std::error::Error;
use std::fmt;

use super::Level;

/// How near a budget, or one above it, is to its limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pressure {
    /// Below every limit.
    Fine,
    /// At a soft limit or above: finish rather than begin.
    Soft,
    /// Above a hard limit.
    Hard(Exceeded),
}

/// A hard limit that is, or would be, exceeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exceeded {
    /// Whose limit it is.
    pub level: Level,
    /// The limit.
    pub limit_bytes: u64,
    /// What is used, reservations included.
    pub used_bytes: u64,
    /// What was asked for on top of it; 0 where nothing was.
    pub asked_bytes: u64,
}

impl Exceeded {
    /// The bytes beyond the limit.
    pub fn over_by(&self) -> u64 {
        self.used_bytes.saturating_add(self.asked_bytes).saturating_sub(self.limit_bytes)
    }
}

impl fmt::Display for Exceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { level, limit_bytes, used_bytes, asked_bytes } = self;
        let more = self.over_by();
        write!(f, "the hard memory limit of {level} is {limit_bytes} bytes, {used_bytes} are in use")?;
        if *asked_bytes > 0 {
            write!(f, " and {asked_bytes} more were asked for")?;
        }
        write!(f, ": raise the limit by at least {more} bytes, or keep and begin less at a time")
    }
}

impl Error for Exceeded {}
