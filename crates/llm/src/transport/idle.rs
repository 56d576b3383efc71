//! Connections that wait for their next call.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use graphbit_core::apart;
use tokio::runtime::Handle;
use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::link::Link;

/// How long a connection is kept that nobody uses.
const KEPT: Duration = Duration::from_secs(30);
/// How often idle connections are looked at: those that the server has closed go then.
const LOOK: Duration = Duration::from_secs(10);

/// Where a connection leads: the server's host and port.
pub(super) type Place = Arc<str>;

/// The idle connections of one pool. They are closed when they have not been used for a while, by a task that is there only as
/// long as they are.
#[derive(Default)]
pub(super) struct Idle(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    /// By place, that which was used last at the end.
    links: HashMap<Place, Vec<(Link, Instant)>>,
    sweeper: Option<AbortHandle>,
}

impl Idle {
    /// The connection that was used last and is still open.
    pub(super) fn take(&self, place: &str) -> Option<Link> {
        loop {
            // Looked at and dropped outside of the lock.
            let (mut link, since) = self.kept().links.get_mut(place)?.pop()?;
            if since.elapsed() < KEPT && link.is_idle() {
                return Some(link);
            }
        }
    }

    /// Keeps a connection for the next call; outside of a runtime, where nobody could sweep it, it is closed.
    pub(super) fn put(self: &Arc<Self>, place: &Place, link: Link) {
        let Ok(runtime) = Handle::try_current() else { return };
        apart(|| {
            let mut kept = self.kept();
            match kept.links.get_mut(place) {
                Some(links) => links.push((link, Instant::now())),
                // The place was written down by a call, this copy is the pool's.
                None => drop(kept.links.insert(Place::from(&**place), vec![(link, Instant::now())])),
            }
            if kept.sweeper.is_none() {
                kept.sweeper = Some(runtime.spawn(sweep(Arc::downgrade(self))).abort_handle());
            }
        });
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes what was not used for long enough, and what the other side has closed. False when no connection is left, and the
    /// sweeper with them.
    fn close_old(&self) -> bool {
        let mut kept = self.kept();
        let mut old = Vec::new();
        for links in kept.links.values_mut() {
            old.extend(links.extract_if(.., |(link, since)| since.elapsed() >= KEPT || !link.is_idle()));
            links.shrink_to(2 * links.len());
        }
        kept.links.retain(|_, links| !links.is_empty());
        let is_empty = kept.links.is_empty();
        if is_empty {
            kept.sweeper = None;
        }
        drop(kept);
        drop(old); // outside of the lock
        !is_empty
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        if let Some(sweeper) = &self.sweeper {
            sweeper.abort();
        }
    }
}

async fn sweep(idle: Weak<Idle>) {
    loop {
        tokio::time::sleep(LOOK).await;
        match idle.upgrade() {
            Some(idle) if idle.close_old() => {}
            _ => return,
        }
    }
}
