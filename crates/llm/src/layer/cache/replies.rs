//! The replies: a map with an order of use, bounded in bytes and in number.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use graphbit_core::{Error, Result, Spare, apart, can_spare};
use tokio::time::Instant;

use super::key::{Key, Keys};
use super::recording::bytes;
use crate::model::Prepared;
use crate::{Event, ModelInfo};

/// How much is kept and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CacheOptions {
    /// The most bytes of all replies together; 16 MiB unless told otherwise.
    pub max_bytes: usize,
    /// The most replies; 1,000 unless told otherwise.
    pub max_entries: usize,
    /// How long a reply is good for; for ever unless set.
    pub ttl: Option<Duration>,
}

impl Default for CacheOptions {
    fn default() -> Self {
        Self { max_bytes: 16 << 20, max_entries: 1000, ttl: None }
    }
}

/// Replies that are kept; the least recently used one goes first. Clones share them.
#[derive(Clone)]
pub struct Replies(Arc<Shared>);

struct Shared {
    options: CacheOptions,
    keys: Keys,
    kept: Mutex<Kept>,
    /// Set when it was told that there is something to give up.
    known: OnceLock<()>,
}

#[derive(Default)]
struct Kept {
    entries: HashMap<Key, Entry>,
    /// By when they were last used.
    order: BTreeMap<u64, Key>,
    uses: u64,
    bytes: usize,
}

struct Entry {
    events: Arc<[Event]>,
    bytes: usize,
    since: Instant,
    used: u64,
}

impl Replies {
    /// None yet.
    ///
    /// # Errors
    /// `CONFIG` for limits that let nothing be kept.
    pub fn new(options: CacheOptions) -> Result<Self> {
        let nothing = [
            ("maxBytes", options.max_bytes == 0),
            ("maxEntries", options.max_entries == 0),
            ("ttlMs", options.ttl.is_some_and(|ttl| ttl.is_zero())),
        ];
        if let Some((name, _)) = nothing.iter().find(|(_, zero)| *zero) {
            return Err(Error::config(format!(
                "cache.{name} must be greater than 0; leave `cache` out for none"
            )));
        }
        Ok(Self(Arc::new(Shared {
            options,
            keys: Keys::default(),
            kept: Mutex::default(),
            known: OnceLock::new(),
        })))
    }

    /// How many bytes they hold, about, and never more than allowed.
    pub fn bytes(&self) -> usize {
        self.kept().bytes
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.kept().entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Forgets them all.
    pub fn clear(&self) {
        let forgotten = std::mem::take(&mut *self.kept());
        drop(forgotten); // outside the lock
    }

    pub(super) fn key(&self, info: &ModelInfo, prepared: &Prepared) -> Result<Key> {
        self.0.keys.of(info, prepared)
    }

    pub(super) fn most_bytes(&self) -> usize {
        self.0.options.max_bytes
    }

    pub(super) fn get(&self, key: Key) -> Option<Arc<[Event]>> {
        let mut kept = self.kept();
        let old = self
            .0
            .options
            .ttl
            .zip(kept.entries.get(&key))
            .is_some_and(|(ttl, entry)| entry.since.elapsed() >= ttl);
        apart(|| {
            if old {
                kept.remove(key);
            }
            kept.touch(key)
        })
    }

    pub(super) fn put(&self, key: Key, events: &[Event]) {
        /// Beside the events: what the map and the order need for an entry.
        const OVERHEAD: usize = 192;
        let bytes = OVERHEAD + events.iter().map(bytes).sum::<usize>();
        let options = &self.0.options;
        if bytes > options.max_bytes {
            return;
        }
        self.0.known.get_or_init(|| can_spare(Arc::<Shared>::downgrade(&self.0)));
        // A copy of their own: they outlive whoever asked first, and are not that caller's any more.
        apart(|| self.keep(key, events.to_vec(), bytes));
    }

    fn keep(&self, key: Key, events: Vec<Event>, bytes: usize) {
        let options = &self.0.options;
        let entry = Entry { events: events.into(), bytes, since: Instant::now(), used: 0 };
        let mut kept = self.kept();
        kept.remove(key);
        while kept.entries.len() >= options.max_entries || kept.bytes + bytes > options.max_bytes {
            if !kept.remove_oldest() {
                break;
            }
        }
        kept.bytes += bytes;
        kept.entries.insert(key, entry);
        kept.touch(key);
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.kept()
    }
}

impl Shared {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Spare for Shared {
    fn give_up_half(&self) {
        let mut kept = self.kept();
        for _ in 0..kept.entries.len().div_ceil(2) {
            kept.remove_oldest();
        }
        kept.entries.shrink_to_fit();
    }
}

impl Kept {
    /// The entry, which is the last used from now on.
    fn touch(&mut self, key: Key) -> Option<Arc<[Event]>> {
        let entry = self.entries.get_mut(&key)?;
        self.order.remove(&entry.used);
        self.uses += 1;
        entry.used = self.uses;
        self.order.insert(self.uses, key);
        Some(Arc::clone(&entry.events))
    }

    /// Gives up what was used least lately; false where nothing is kept.
    fn remove_oldest(&mut self) -> bool {
        let oldest = self.order.first_key_value().map(|(_, key)| *key);
        oldest.is_some_and(|key| {
            self.remove(key);
            true
        })
    }

    fn remove(&mut self, key: Key) {
        if let Some(entry) = self.entries.remove(&key) {
            self.order.remove(&entry.used);
            self.bytes -= entry.bytes;
        }
    }
}

impl fmt::Debug for Replies {
    /// Sizes only: replies are the user's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kept = self.kept();
        let (len, bytes) = (kept.entries.len(), kept.bytes);
        f.debug_struct("Replies").field("len", &len).field("bytes", &bytes).finish_non_exhaustive()
    }
}
