//! Connections that wait for their next call.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use graphbit_core::apart;
use http::Uri;
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
    /// By the authority in their URLs.
    places: HashMap<Box<str>, Arc<Place>>,
    sweeper: Option<AbortHandle>,
}

/// The idle connections to one place, that which was used last at the end.
#[derive(Default)]
pub(super) struct Links(Mutex<Vec<(Link, Instant)>>);

impl Links {
    /// The connection that was used last and is still open.
    pub(super) fn take(&self) -> Option<Link> {
        loop {
            // Looked at and dropped outside of the lock.
            let (mut link, since) = self.all().pop()?;
            if since.elapsed() < KEPT && link.is_idle() {
                return Some(link);
            }
        }
    }

    fn all(&self) -> MutexGuard<'_, Vec<(Link, Instant)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Idle {
    /// The place that a URL names, where it is known already.
    pub(super) fn place(&self, uri: &Uri) -> Option<Arc<Place>> {
        let kept = self.kept();
        kept.places.get(uri.authority()?.as_str()).filter(|place| place.is_of(uri)).cloned()
    }

    /// Remembers a place. Those that nobody has a connection to are forgotten.
    pub(super) fn add(&self, place: Place) -> Arc<Place> {
        let mut kept = self.kept();
        kept.places.retain(|_, known| Arc::strong_count(known) > 1 || !known.links.all().is_empty());
        Arc::clone(kept.places.entry(place.authority.as_str().into()).or_insert_with(|| Arc::new(place)))
    }

    /// Keeps a connection for the next call; outside of a runtime, where nobody could sweep it, it is closed.
    pub(super) fn put(self: &Arc<Self>, place: &Place, link: Link) {
        let Ok(runtime) = Handle::try_current() else { return };
        apart(|| {
            let mut kept = self.kept(); // before it is there: who sweeps would not stay for it
            place.links.all().push((link, Instant::now()));
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
        let (mut old, mut is_empty) = (Vec::new(), true);
        for place in kept.places.values() {
            let mut links = place.links.all();
            old.extend(links.extract_if(.., |(link, since)| since.elapsed() >= KEPT || !link.is_idle()));
            let left = links.len();
            links.shrink_to(2 * left);
            is_empty &= left == 0;
        }
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
