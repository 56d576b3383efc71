//! The places that a pool's requests go to.

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use graphbit_core::apart;
use http::Uri;
use tokio::runtime::Handle;
use tokio::task::AbortHandle;

use super::link::Link;
use super::place::Place;

/// How often places are looked at: idle connections that are old or that the server has closed go then, and places that nobody
/// needs any more.
const LOOK: Duration = Duration::from_secs(10);

/// The places of one pool. They are looked after by a task that is there only as long as they are.
#[derive(Default)]
pub(super) struct Places(Mutex<Known>);

#[derive(Default)]
struct Known {
    /// By the authority in their URLs.
    places: HashMap<Box<str>, Arc<Place>>,
    sweeper: Option<AbortHandle>,
}

impl Places {
    /// The place that a URL names, where it is known already.
    pub(super) fn get(&self, uri: &Uri) -> Option<Arc<Place>> {
        let known = self.known();
        known.places.get(uri.authority()?.as_str()).filter(|place| place.is_of(uri)).cloned()
    }

    /// Remembers a place that URLs with this authority name, and gives it, or the one that somebody else was faster with.
    pub(super) fn add(self: &Arc<Self>, authority: &str, place: Place) -> Arc<Place> {
        let mut known = self.known();
        self.see_to_it(&mut known);
        Arc::clone(known.places.entry(authority.into()).or_insert_with(|| Arc::new(place)))
    }

    /// Keeps a connection for the next call; outside of a runtime, where nobody would look after it, it is closed.
    pub(super) fn put(self: &Arc<Self>, place: &Place, link: Link) {
        apart(|| {
            let mut known = self.known(); // until it is there: who looks after it would not stay for it
            if self.see_to_it(&mut known) {
                place.idle.put(link);
            }
        });
    }

    /// Has somebody look after the places; false where nobody can.
    fn see_to_it(self: &Arc<Self>, known: &mut Known) -> bool {
        let Ok(runtime) = Handle::try_current() else { return false };
        let start = || runtime.spawn(sweep(Arc::downgrade(self))).abort_handle();
        known.sweeper.get_or_insert_with(start);
        true
    }

    /// Closes connections that are old or closed by the other side, and forgets places without a connection that no call is
    /// under way to. False when none is left, and who looked after them with them.
    fn tidy(&self) -> bool {
        let mut known = self.known();
        let old: Vec<Link> = known.places.values().flat_map(|place| place.idle.take_old()).collect();
        known.places.retain(|_, place| Arc::strong_count(place) > 1 || !place.idle.is_empty());
        let is_empty = known.places.is_empty();
        if is_empty {
            *known = Known::default(); // with the room that many had needed
        }
        drop(known);
        drop(old); // outside of the lock
        !is_empty
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Known {
    fn drop(&mut self) {
        if let Some(sweeper) = &self.sweeper {
            sweeper.abort();
        }
    }
}

async fn sweep(places: Weak<Places>) {
    loop {
        tokio::time::sleep(LOOK).await;
        match places.upgrade() {
            Some(places) if places.tidy() => {}
            _ => return,
        }
    }
}
