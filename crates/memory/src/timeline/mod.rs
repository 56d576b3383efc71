//! A bounded history of samples: the newest ones are kept, the oldest make room.
//!
//! Who samples and when is up to the program; whether the history shows a leak is judged in `leak`.

mod sample;
mod stats;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::fmt;

pub use sample::{Sample, Series};
pub use stats::{SeriesStats, TimelineStats};

const DEFAULT_CAPACITY: usize = 100;
const MIN_CAPACITY: usize = 2;

/// The newest samples, oldest first. Memory is taken as samples arrive, about 100 bytes each.
#[derive(Debug, Clone)]
pub struct Timeline {
    samples: VecDeque<Sample>,
    capacity: usize,
    /// The newest of those that had to go with [`Sample::collected`].
    collected: Option<Sample>,
}

impl Timeline {
    /// Keeps the newest 100 samples.
    pub fn new() -> Self {
        Self { samples: VecDeque::new(), capacity: DEFAULT_CAPACITY, collected: None }
    }

    /// Keeps the newest `capacity` samples.
    ///
    /// # Errors
    ///
    /// [`CapacityTooSmall`] below 2: one sample has no history.
    pub fn with_capacity(capacity: usize) -> Result<Self, CapacityTooSmall> {
        if capacity < MIN_CAPACITY {
            return Err(CapacityTooSmall { given: capacity });
        }
        Ok(Self { samples: VecDeque::new(), capacity, collected: None })
    }

    /// Adds the newest sample and returns the oldest if it had to go.
    pub fn push(&mut self, sample: Sample) -> Option<Sample> {
        let evicted = if self.samples.len() >= self.capacity { self.samples.pop_front() } else { None };
        self.samples.push_back(sample);
        if evicted.is_some_and(|sample| sample.collected == Some(true)) {
            self.collected = evicted;
        }
        evicted
    }

    /// For each collection of all of V8's garbage, the lowest sample of a series from then to the next: what was not
    /// garbage, about. `None` where nobody tells of collections.
    pub(crate) fn floors(&self, series: Series) -> Option<Vec<(f64, f64)>> {
        self.samples.iter().find(|sample| sample.collected.is_some())?;
        let mut floors: Vec<(f64, f64)> = Vec::new();
        for sample in self.collected.iter().chain(&self.samples) {
            let Some(bytes) = sample.get(series) else { continue };
            match floors.last_mut() {
                _ if sample.collected == Some(true) => floors.push((sample.timestamp_ms / 1000.0, bytes)),
                Some((_, lowest)) if bytes < *lowest => *lowest = bytes,
                _ => {}
            }
        }
        Some(floors)
    }

    /// Samples kept now.
    pub fn len(&self) -> usize {
        self.samples.len()
    }

    /// Whether no sample was pushed yet.
    pub fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    /// Samples it can keep.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// The samples, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Sample> + ExactSizeIterator {
        self.samples.iter()
    }

    /// The oldest sample kept.
    pub fn first(&self) -> Option<&Sample> {
        self.samples.front()
    }

    /// The newest sample.
    pub fn last(&self) -> Option<&Sample> {
        self.samples.back()
    }

    /// Summary of what is kept; `None` while it is empty.
    pub fn stats(&self) -> Option<TimelineStats> {
        TimelineStats::of(self)
    }
}

impl Default for Timeline {
    fn default() -> Self {
        Self::new()
    }
}

/// A timeline was asked to keep fewer than two samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CapacityTooSmall {
    /// The number that was asked for.
    pub given: usize,
}

impl fmt::Display for CapacityTooSmall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "a timeline must keep at least {MIN_CAPACITY} samples, but was asked to keep {}",
            self.given
        )
    }
}

impl std::error::Error for CapacityTooSmall {}
