//! Connections that wait for their next call.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use graphbit_core::apart;
use http::Uri;
use http::uri::Authority;
use tokio::runtime::Handle;
use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::link::Link;
use super::place::Place;

/// How long a connection is kept that nobody uses.
const KEPT: Duration = Duration::from_secs(30);
/// How often idle connections are looked at: those that the server has closed go then.
const LOOK: Duration = Duration::from_secs(10);

/// The places that one pool has been to, and the idle connections there. They are closed when they have not been used for a
/// while, by a task that is there only as long as they are.
#[derive(Default)]
pub(super) struct Idle(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    /// All of the pool's scheme.
    places: HashMap<Authority, Known>,
    sweeper: Option<AbortHandle>,
}

/// A place with its connections, that which was used last at the end.
struct Known {
    place: Arc<Place>,
    links: Vec<(Link, Instant)>,
}

impl Known {
    /// Whether nobody would miss it.
    fn is_forgotten(&self) -> bool {
        self.links.is_empty() && Arc::strong_count(&self.place) == 1
    }
}

impl Idle {
    /// The place that a URL names, where it is known already.
    pub(super) fn place(&self, uri: &Uri) -> Option<Arc<Place>> {
        let kept = self.kept();
        let known = kept.places.get(uri.authority()?).filter(|known| known.place.is_of(uri))?;
        Some(Arc::clone(&known.place))
    }

    /// Remembers a place. Those that nobody has a connection to are forgotten.
    pub(super) fn add(&self, place: Place) -> Arc<Place> {
        let (authority, place) = (place.authority.clone(), Arc::new(place));
        let mut kept = self.kept();
        kept.places.retain(|_, known| !known.is_forgotten());
        let known = kept.places.entry(authority).or_insert(Known { place, links: Vec::new() });
        Arc::clone(&known.place)
    }

    /// The connection that was used last and is still open.
    pub(super) fn take(&self, place: &Place) -> Option<Link> {
        loop {
            // Looked at and dropped outside of the lock.
            let (mut link, since) = self.kept().places.get_mut(&place.authority)?.links.pop()?;
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
            let Some(known) = kept.places.get_mut(&place.authority) else { return };
            known.links.push((link, Instant::now()));
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
        for Known { links, .. } in kept.places.values_mut() {
            old.extend(links.extract_if(.., |(link, since)| since.elapsed() >= KEPT || !link.is_idle()));
            links.shrink_to(2 * links.len());
        }
        let is_empty = kept.places.values().all(|known| known.links.is_empty());
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
