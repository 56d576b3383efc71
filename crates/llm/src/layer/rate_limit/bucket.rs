//! A token bucket (J. Turner, "New directions in communications", IEEE Communications Magazine, 1986): it fills at a steady rate
//! and each call takes from it.

use std::time::Duration;

use tokio::time::Instant;

use crate::driver::after;
use crate::protocol::Window;

/// The bucket. Its level is below zero where more was taken than it held.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bucket {
    capacity: f64,
    level: f64,
    per_second: f64,
    /// When the level was true.
    at: Instant,
    /// What a server said holds no longer than until then.
    until: Option<Instant>,
}

impl Bucket {
    /// A full one that fills wholly within a minute.
    pub(super) fn per_minute(capacity: f64) -> Self {
        let at = Instant::now();
        Self { capacity, level: capacity, per_second: capacity / 60.0, at, until: None }
    }

    /// What a server says it has. It fills steadily until the server's reset, as those of the large vendors do; where a server
    /// fills its own all at once, a call may come too early, and the server's refusal says when to come back.
    pub(super) fn told(window: &Window) -> Option<Self> {
        let (level, reset) = (window.remaining? as f64, window.reset?);
        let (at, capacity) = (Instant::now(), window.limit.map_or(level, |limit| limit as f64).max(level));
        if reset.is_zero() {
            return None;
        }
        let per_second = (capacity - level) / reset.as_secs_f64();
        Some(Self { capacity, level, per_second, at, until: Some(after(at, reset)) })
    }

    pub(super) fn capacity(&self) -> f64 {
        self.capacity
    }

    pub(super) fn has_expired(&self, now: Instant) -> bool {
        self.until.is_some_and(|until| until <= now)
    }

    /// How long until so much can be taken.
    pub(super) fn wait(&mut self, now: Instant, amount: f64) -> Duration {
        self.fill(now);
        let missing = amount - self.level;
        if missing <= 0.0 {
            return Duration::ZERO;
        }
        let filled = Duration::try_from_secs_f64(missing / self.per_second).unwrap_or(Duration::MAX);
        match self.until {
            Some(until) => filled.min(until.saturating_duration_since(now)),
            None => filled,
        }
    }

    /// Takes, or with a negative amount gives back.
    pub(super) fn take(&mut self, amount: f64) {
        self.level = (self.level - amount).min(self.capacity);
    }

    fn fill(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.level = (self.level + passed * self.per_second).min(self.capacity);
        self.at = now;
    }
}
