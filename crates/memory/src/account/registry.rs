//! Which places of the allocator's table are in use, by whom, and which can be given out again.
//!
//! It is locked to open and to close an account and to list them, never to allocate.

use std::collections::VecDeque;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::SHARED;
use crate::allocator::{Switched, Tag, Tally, peak, table};

/// Closed accounts that are looked at when one is opened, and when one is closed, so that neither costs more the more of them
/// there are; together more than are closed, so that none is looked at late.
const LOOKS: usize = 1;
/// The accounts that were closed last are not looked at yet: some of their blocks may be freed in a moment, and what other
/// threads counted just now is dear to read.
const RESTING: usize = 8;

static REGISTRY: Mutex<Registry> = Mutex::new(Registry::new());
static REFUSED: AtomicU64 = AtomicU64::new(0);

struct Registry {
    /// By place, without that of the shared account; all places ever used. None while a place is free.
    names: Vec<Option<Arc<str>>>,
    /// Places whose blocks are all freed.
    free: Vec<Tag>,
    /// Places of closed accounts that may have blocks left.
    closed: VecDeque<Tag>,
}

/// A place for a new account; `None` when there is none left.
pub(super) fn open(name: Arc<str>, group: u32) -> Option<Tag> {
    let mut registry = registry();
    let Some(tag) = registry.take() else {
        REFUSED.fetch_add(1, Relaxed);
        return None;
    };
    if let Some(held) = registry.names.get_mut(place(tag)) {
        *held = Some(name);
    }
    let slot = table::slot(tag);
    slot.group.store(group, Relaxed);
    slot.peak.store(0, Relaxed);
    slot.handles.store(1, Release);
    Some(tag)
}

/// Takes note that an account has no handle any more.
pub(super) fn close(tag: Tag) {
    let mut registry = registry();
    registry.closed.push_back(tag);
    registry.look(LOOKS + 1);
}

/// Looks at all closed accounts: their names lie between what else was freed.
pub(crate) fn tidy_up() {
    let _aside = Switched::to(SHARED);
    let mut registry = registry();
    let all = registry.closed.len();
    registry.reclaim(all);
    registry.closed.shrink_to_fit();
}

/// How often an account was opened when there was no place left, and was the shared one instead.
pub fn accounts_refused() -> u64 {
    REFUSED.load(Relaxed)
}

/// All accounts but the shared one that are open or have blocks left, by the order of their places.
pub(super) fn list() -> Vec<(Tag, Arc<str>)> {
    let names = registry().names.clone();
    let tags = (1..=Tag::MAX).zip(names);
    tags.filter_map(|(tag, name)| Some((tag, name?)))
        .filter(|(tag, _)| is_open(*tag) || table::live_bytes_of(*tag) > 0)
        .collect()
}

pub(super) fn is_open(tag: Tag) -> bool {
    table::slot(tag).handles.load(Acquire) > 0
}

/// Takes note of what was counted for those who had the place before; nothing is until it is given out again.
fn prepare(tag: Tag) {
    let slot = table::slot(tag);
    slot.allocated_before.store(table::sum(table::tallies(tag), Tally::allocated), Relaxed);
    slot.allocations_before.store(table::sum(table::tallies(tag), Tally::allocations), Relaxed);
    if peak::step(slot.peak.load(Relaxed)) > peak::step(0) {
        table::tallies(tag).for_each(|tally| tally.look_after(peak::step(0)));
    }
}

fn place(tag: Tag) -> usize {
    usize::from(tag).saturating_sub(1)
}

fn registry() -> MutexGuard<'static, Registry> {
    REGISTRY.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Registry {
    const fn new() -> Self {
        Self { names: Vec::new(), free: Vec::new(), closed: VecDeque::new() }
    }

    fn take(&mut self) -> Option<Tag> {
        self.look(LOOKS);
        self.free.pop().or_else(|| self.extend()).or_else(|| {
            self.reclaim(self.closed.len());
            self.free.pop()
        })
    }

    /// Looks at so many closed accounts, of those that had their rest.
    fn look(&mut self, looks: usize) {
        self.reclaim(looks.min(self.closed.len().saturating_sub(RESTING)));
    }

    /// Looks at the closed accounts that were not looked at for longest. Without handles nothing is charged any more,
    /// and the figure is never less than what is left, so an account found empty stays empty.
    fn reclaim(&mut self, looks: usize) {
        for _ in 0..looks.min(self.closed.len()) {
            let Some(tag) = self.closed.pop_front() else { return };
            if table::live_bytes_of(tag) > 0 {
                self.closed.push_back(tag);
                continue;
            }
            prepare(tag);
            self.free.push(tag);
            if let Some(name) = self.names.get_mut(place(tag)) {
                *name = None;
            }
        }
    }

    fn extend(&mut self) -> Option<Tag> {
        let tag =
            Tag::try_from(self.names.len() + 1).ok().filter(|tag| usize::from(*tag) < table::ACCOUNTS)?;
        table::begin(tag);
        self.names.push(None);
        Some(tag)
    }
}
