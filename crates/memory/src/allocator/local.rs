//! What the allocator knows of the current thread: its row and the account it works for.

use std::cell::Cell;
use std::marker::PhantomData;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{Acquire, Release};

use super::table::{self, Berth, Common, Row};
use super::tag::{self, Tag};
use super::tally::{Lane, Tally};
use super::this_thread;

/// Set by the first thread that counts.
static INSTALLED: AtomicBool = AtomicBool::new(false);

/// What is a thread's own: found by `this_thread`.
pub(super) struct Local {
    /// The account that allocations are charged to.
    account: Cell<Tag>,
    /// The row and its tally of that account, once both were found.
    at: Cell<Option<(&'static Row, &'static Tally)>>,
    /// How many bytes may still be allocated there until some peak is looked at: that of the process, or of the account.
    until_look: Cell<u64>,
    place: Cell<Place>,
}

/// Where a thread counts.
#[derive(Clone, Copy)]
enum Place {
    Unclaimed,
    Own(&'static Berth, &'static Row),
    Common(&'static Common),
    /// Nowhere: it makes a part of the table, which is not the program's memory.
    Aside,
}

/// Whether a tracking allocator has served a request.
pub(crate) fn is_installed() -> bool {
    INSTALLED.load(Acquire)
}

/// Tells the allocator that the current thread is about to end, so that another thread can have its place.
///
/// Optional and cheap, meant for the stop hook of a thread pool. Figures stay exact whether or not it is called,
/// and whatever the thread still allocates afterwards is counted too, only with atomic additions.
pub fn leave_thread() {
    this_thread::leave();
}

/// Charges the thread's allocations to another account until it is dropped.
#[derive(Debug)]
pub(crate) struct Switched {
    previous: Tag,
    /// A thread's account must be restored on that thread.
    _not_send: PhantomData<*const ()>,
}

impl Switched {
    #[inline]
    pub(crate) fn to(tag: Tag) -> Self {
        Self { previous: this_thread::with(|local| local.switch(tag)), _not_send: PhantomData }
    }
}

impl Drop for Switched {
    #[inline]
    fn drop(&mut self) {
        this_thread::with(|local| local.switch(self.previous));
    }
}

/// The account that the thread's allocations are charged to.
pub(crate) fn current() -> Tag {
    this_thread::with(|local| local.account.get())
}

/// What the thread counted for the account it works for: bytes allocated and bytes freed. `None` where others count in
/// the same place, or nothing was counted yet.
#[inline]
pub(crate) fn counted() -> Option<(u64, u64)> {
    this_thread::with(|local| match (local.at.get(), local.place.get()) {
        (Some((_, tally)), _) => Some((tally.allocated(), tally.freed())),
        (None, Place::Own(..)) => Some((0, 0)), // nothing of it on this thread yet
        (None, _) => None,
    })
}

/// Counts a block; says which account it belongs to. `None` where the thread's place is not at hand, or a peak is to be
/// looked at: then [`allocated_slowly`] does it.
#[inline]
pub(super) fn allocated(bytes: usize) -> Option<Tag> {
    this_thread::with_at_hand(|local| {
        let (row, tally) = local.at.get()?;
        local.until_look.set(local.until_look.get().checked_sub(bytes as u64)?);
        row.lane.allocated::<true>(tally, bytes as u64);
        Some(local.account.get())
    })
}

/// Counts a block that is freed; `None` where the thread's place is not at hand, or it has not counted for the account yet:
/// then [`freed_slowly`] does it.
#[inline]
pub(super) fn freed(tag: Tag, bytes: usize) -> Option<()> {
    this_thread::with_at_hand(|local| {
        let (row, tally) = local.at.get()?;
        // A comparison is foreseen by the processor; an address made from what was just read has to be waited for.
        let tally = if tag == local.account.get() { tally } else { row.tally(tag)? };
        row.lane.freed::<true>(tally, bytes as u64);
        Some(())
    })
}

pub(super) fn allocated_slowly(bytes: usize) -> Tag {
    let tag = current();
    this_thread::with(|local| {
        let Some((lane, tally)) = local.find(tag) else { return tag::UNCOUNTED };
        lane.allocated::<false>(tally, bytes as u64);
        lane.look(tally, tag, bytes as u64);
        local.plan();
        tag
    })
}

pub(super) fn freed_slowly(tag: Tag, bytes: usize) {
    this_thread::with(|local| match local.at_hand(tag) {
        Some((lane, tally)) => lane.freed::<true>(tally, bytes as u64),
        None if tag == tag::UNCOUNTED => {}
        None => {
            if let Some((lane, tally)) = local.find(tag) {
                lane.freed::<false>(tally, bytes as u64);
            }
        }
    });
}

/// Counts a block that has another size now; `None` as for [`allocated`], or where it is another account's than the thread
/// works for: then [`resized_slowly`] does it.
#[inline]
pub(super) fn resized(tag: Tag, old: usize, new: usize) -> Option<()> {
    this_thread::with_at_hand(|local| {
        let (row, tally) = local.at.get().filter(|_| tag == local.account.get())?;
        let more = (new as u64).saturating_sub(old as u64);
        local.until_look.set(local.until_look.get().checked_sub(more)?);
        row.lane.resized::<true>(tally, old as u64, new as u64);
        Some(())
    })
}

pub(super) fn resized_slowly(tag: Tag, old: usize, new: usize) {
    this_thread::with(|local| {
        let (lane, tally) = match local.at_hand(tag) {
            Some((lane, tally)) => {
                lane.resized::<true>(tally, old as u64, new as u64);
                (lane, tally)
            }
            None if tag == tag::UNCOUNTED => return,
            None => {
                let Some((lane, tally)) = local.find(tag) else { return };
                lane.resized::<false>(tally, old as u64, new as u64);
                (lane, tally)
            }
        };
        lane.look(tally, tag, (new as u64).saturating_sub(old as u64));
        local.plan();
    });
}

impl Local {
    pub(super) const fn new() -> Self {
        Self {
            account: Cell::new(0),
            at: Cell::new(None),
            until_look: Cell::new(0),
            place: Cell::new(Place::Unclaimed),
        }
    }

    /// Gives up the place where the thread counts, and counts among others from now on.
    pub(super) fn leave(&self) {
        if let Place::Own(berth, _) = self.place.replace(Place::Common(table::next_common())) {
            self.at.set(None);
            berth.leave();
        }
    }

    /// Leaves nothing here, and all of it to another.
    #[cfg(all(feature = "addon", target_arch = "x86_64", target_os = "linux", not(miri)))]
    pub(super) fn hand_over(&self, other: &Self) {
        other.account.set(self.account.take());
        other.place.set(self.place.replace(Place::Unclaimed));
        other.at.set(self.at.take());
        other.until_look.set(self.until_look.take());
    }

    #[inline]
    fn switch(&self, tag: Tag) -> Tag {
        if let Place::Own(_, row) = self.place.get() {
            self.work_at(row, tag);
        }
        self.account.replace(tag)
    }

    #[inline]
    fn work_at(&self, row: &'static Row, account: Tag) {
        self.at.set(row.tally(account).map(|tally| (row, tally)));
        self.plan();
    }

    /// Sets when the next peak is looked at: one countdown does for that of the process and that of the account.
    #[inline]
    fn plan(&self) {
        if let Some((row, tally)) = self.at.get() {
            self.until_look.set(row.lane.before_look().min(tally.before_look()));
        }
    }

    /// Where only this thread counts for an account, if it is known already.
    fn at_hand(&self, tag: Tag) -> Option<(&'static Lane, &'static Tally)> {
        let (row, _) = self.at.get()?;
        Some((&row.lane, row.tally(tag)?))
    }

    /// The way round for what is not at hand: the thread's first allocation, its first in an account, no row left.
    /// What is found may be counted in by several threads.
    fn find(&self, tag: Tag) -> Option<(&'static Lane, &'static Tally)> {
        let place = match self.place.get() {
            Place::Unclaimed => self.claim(),
            place => place,
        };
        match place {
            Place::Own(_, row) => Some((&row.lane, self.own(row, tag))),
            Place::Common(place) => Some((&place.lane, place.tally(tag))),
            Place::Unclaimed | Place::Aside => None,
        }
    }

    fn claim(&self) -> Place {
        INSTALLED.store(true, Release);
        let place = match table::take_berth() {
            Some(berth) => Place::Own(berth, self.aside(|| berth.row())),
            None => Place::Common(table::next_common()),
        };
        self.place.set(place);
        place
    }

    fn own(&self, row: &'static Row, tag: Tag) -> &'static Tally {
        let tally = row.tally(tag).unwrap_or_else(|| self.aside(|| row.make_tally(tag)));
        if self.at.get().is_none() {
            self.work_at(row, self.account.get());
        }
        tally
    }

    /// Makes a part of the table: that allocates, comes back here, and must not want a part of the table itself.
    fn aside<T>(&self, make: impl FnOnce() -> T) -> T {
        let place = self.place.replace(Place::Aside);
        let at = self.at.take();
        let made = make();
        self.at.set(at);
        self.place.set(place);
        made
    }
}
