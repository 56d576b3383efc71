//! Connections that wait for their next call.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::link::Link;

/// How long a connection is kept that nobody uses.
const KEPT: Duration = Duration::from_secs(30);

/// The idle connections to one place, that which was used last at the end.
#[derive(Default)]
pub(super) struct Idle(Mutex<Vec<(Link, Instant)>>);

impl Idle {
    /// The connection that was used last and is still open.
    pub(super) fn take(&self) -> Option<Link> {
        loop {
            // Looked at and dropped outside of the lock.
            let (mut link, since) = self.links().pop()?;
            if since.elapsed() < KEPT && link.is_idle() {
                return Some(link);
            }
        }
    }

    pub(super) fn put(&self, link: Link) {
        self.links().push((link, Instant::now()));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.links().is_empty()
    }

    /// Takes out what was not used for long enough, and what the other side has closed.
    pub(super) fn take_old(&self) -> Vec<Link> {
        let mut links = self.links();
        let old = links.extract_if(.., |(link, since)| since.elapsed() >= KEPT || !link.is_idle());
        let old = old.map(|(link, _)| link).collect();
        let left = links.len();
        links.shrink_to(2 * left);
        old
    }

    fn links(&self) -> MutexGuard<'_, Vec<(Link, Instant)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
