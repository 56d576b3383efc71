//! Where the counters stand: a table with a row for each thread and a column for each account.
//!
//! A thread is the only one to write in its row, so counting is a plain load and store on a cache line that no
//! other thread wants, and nothing is ever handed in: whoever reads adds up a column, whether its threads are busy,
//! idle or gone. Rows, and the chunks of columns in a row, are made when first needed, stay, and are not counted;
//! threads that come when all rows are taken count with atomic additions in `common` tallies, just as exactly but
//! slower.

use std::sync::OnceLock;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU32, AtomicU64, AtomicUsize};

use super::tag::Tag;
use super::tally::{Lane, Tally};

/// Threads that can have a row of their own at the same time.
const ROWS: usize = 256;
/// Places where all further threads count.
const COMMON_LANES: usize = 16;
/// Accounts at the same time, the shared one included: nearly all that a tag can name.
pub(crate) const ACCOUNTS: usize = CHUNKS * CHUNK;
const CHUNKS: usize = 255;
const CHUNK: usize = 256;

static BERTHS: [Berth; ROWS] = [const { Berth::new() }; ROWS];
/// One more than the highest index ever taken in `BERTHS`; what lies behind has no row.
static BERTHS_USED: AtomicUsize = AtomicUsize::new(0);
static COMMON: [Common; COMMON_LANES] = [const { Common::new() }; COMMON_LANES];
static NEXT_COMMON: AtomicUsize = AtomicUsize::new(0);
/// The highest tag ever in use; what lies behind was never charged.
static LAST_TAG: AtomicU16 = AtomicU16::new(0);
static SLOTS: [Slot; ACCOUNTS] = [const { Slot::new() }; ACCOUNTS];

/// The place of a row. A row outlives its thread and goes to the next one with all figures.
pub(super) struct Berth {
    taken: AtomicBool,
    row: OnceLock<Box<Row>>,
}

/// What one thread counted. The first accounts need no second step to get at their tally: while there are not more
/// of them, a free finds its own by one addition. In this order, because counters that are 4 KiB apart, as the lane
/// and the shared account's tally would be in another one, are taken for each other by the processor's store
/// buffer.
#[repr(C)]
pub(super) struct Row {
    pub(super) lane: Lane,
    near: [Tally; CHUNK],
    far: [OnceLock<Box<[Tally; CHUNK]>>; CHUNKS - 1],
}

/// What threads without a row counted, as far as it is not in the `common` tally of an account.
pub(super) struct Common {
    pub(super) lane: Lane,
    shared: Tally,
}

/// An account, as far as it is not a matter of one thread. Who may use it is up to `account`.
pub(crate) struct Slot {
    /// Of all threads without a row.
    common: Tally,
    pub(crate) peak: AtomicU64,
    /// Handles to the account; 0 when it is closed or was never opened.
    pub(crate) handles: AtomicU32,
    /// The group of accounts it is added up in; 0 for none.
    pub(crate) group: AtomicU32,
    /// What the tallies showed when the account was opened.
    pub(crate) allocated_before: AtomicU64,
    pub(crate) allocations_before: AtomicU64,
}

impl Berth {
    const fn new() -> Self {
        Self { taken: AtomicBool::new(false), row: OnceLock::new() }
    }

    /// The row, made at the first call: it allocates.
    pub(super) fn row(&'static self) -> &'static Row {
        self.row.get_or_init(Box::default)
    }

    /// Leaves it to another thread.
    pub(super) fn leave(&self) {
        self.taken.store(false, Release);
    }
}

impl Default for Row {
    fn default() -> Self {
        Self {
            lane: Lane::new(),
            near: [const { Tally::new() }; CHUNK],
            far: [const { OnceLock::new() }; CHUNKS - 1],
        }
    }
}

impl Row {
    /// The tally of one of the first accounts.
    #[inline]
    fn near_tally(&self, tag: Tag) -> Option<&Tally> {
        self.near.get(usize::from(tag))
    }

    /// The tally of an account, if it exists already.
    pub(super) fn tally(&self, tag: Tag) -> Option<&Tally> {
        self.near_tally(tag).or_else(|| {
            let (chunk, place) = far(tag);
            self.far.get(chunk)?.get()?.get(place)
        })
    }

    /// The same, made where it is missing: that allocates. The shared account's for a tag that names none, which
    /// somebody left who wrote beyond a block.
    pub(super) fn make_tally(&self, tag: Tag) -> &Tally {
        let [shared, ..] = &self.near;
        let (chunk, place) = far(tag);
        let make = || Box::new([const { Tally::new() }; CHUNK]);
        let far = || self.far.get(chunk)?.get_or_init(make).get(place);
        self.near_tally(tag).or_else(far).unwrap_or(shared)
    }

    fn tallies(&self) -> impl Iterator<Item = &Tally> {
        self.near.iter().chain(self.far.iter().filter_map(OnceLock::get).flat_map(|chunk| chunk.iter()))
    }
}

impl Common {
    const fn new() -> Self {
        Self { lane: Lane::new(), shared: Tally::new() }
    }

    pub(super) fn tally(&'static self, tag: Tag) -> &'static Tally {
        if tag == 0 { &self.shared } else { &slot(tag).common }
    }
}

impl Slot {
    const fn new() -> Self {
        Self {
            common: Tally::new(),
            peak: AtomicU64::new(0),
            handles: AtomicU32::new(0),
            group: AtomicU32::new(0),
            allocated_before: AtomicU64::new(0),
            allocations_before: AtomicU64::new(0),
        }
    }
}

/// Where the tally of an account is that is not near.
fn far(tag: Tag) -> (usize, usize) {
    ((usize::from(tag) / CHUNK).wrapping_sub(1), usize::from(tag) % CHUNK)
}

/// A place that no other thread has, if there is one left.
pub(super) fn take_berth() -> Option<&'static Berth> {
    let free = |berth: &Berth| !berth.taken.load(Relaxed) && !berth.taken.swap(true, Acquire);
    let (index, berth) = BERTHS.iter().enumerate().find(|(_, berth)| free(berth))?;
    BERTHS_USED.fetch_max(index + 1, Release);
    Some(berth)
}

/// A place for a thread without a row.
pub(super) fn next_common() -> &'static Common {
    let [first, ..] = &COMMON;
    COMMON.get(NEXT_COMMON.fetch_add(1, AcqRel) % COMMON_LANES).unwrap_or(first)
}

/// The shared account's for a tag that names none.
pub(crate) fn slot(tag: Tag) -> &'static Slot {
    let [shared, ..] = &SLOTS;
    SLOTS.get(usize::from(tag)).unwrap_or(shared)
}

/// Every account ever in use but the shared one.
fn tags() -> impl Iterator<Item = Tag> {
    1..=LAST_TAG.load(Acquire)
}

/// Takes note of an account before anything is charged to it.
pub(crate) fn begin(tag: Tag) {
    LAST_TAG.fetch_max(tag, AcqRel);
}

fn rows() -> impl Iterator<Item = &'static Row> {
    BERTHS.iter().take(BERTHS_USED.load(Acquire)).filter_map(|berth| berth.row.get().map(AsRef::as_ref))
}

/// The common places that were ever given out.
fn commons() -> impl Iterator<Item = &'static Common> {
    COMMON.iter().take(NEXT_COMMON.load(Acquire))
}

fn lanes() -> impl Iterator<Item = &'static Lane> {
    rows().map(|row| &row.lane).chain(commons().map(|common| &common.lane))
}

/// Every tally of an account.
pub(crate) fn tallies(tag: Tag) -> impl Iterator<Item = &'static Tally> {
    let shared = commons().filter(move |_| tag == 0).map(|common| &common.shared);
    let other = (tag != 0).then(|| &slot(tag).common);
    rows().filter_map(move |row| row.tally(tag)).chain(shared).chain(other)
}

/// Every tally there is.
pub(super) fn all_tallies() -> impl Iterator<Item = &'static Tally> {
    let shared = commons().map(|common| &common.shared);
    rows().flat_map(Row::tallies).chain(shared).chain(tags().map(|tag| &slot(tag).common))
}

/// Never less than there is, and exact where nothing moves meanwhile: a free that is seen has an allocation that is
/// seen, because the one is read before the other.
pub(crate) fn live_bytes_of(tag: Tag) -> u64 {
    let freed = sum(tallies(tag), Tally::freed);
    sum(tallies(tag), Tally::allocated).wrapping_sub(freed)
}

/// Of a group of accounts, as [`live_bytes_of`].
pub(crate) fn live_bytes_of_group(group: u32) -> u64 {
    let members = tags().filter(|tag| slot(*tag).group.load(Relaxed) == group);
    members.map(live_bytes_of).fold(0, u64::wrapping_add)
}

/// Of all accounts, as [`live_bytes_of`].
pub(crate) fn live_bytes() -> u64 {
    let freed = freed_bytes();
    allocated_bytes().wrapping_sub(freed)
}

pub(crate) fn allocated_bytes() -> u64 {
    sum(lanes(), Lane::allocated_bytes)
}

pub(crate) fn freed_bytes() -> u64 {
    sum(lanes(), Lane::freed_bytes)
}

pub(super) fn frees() -> u64 {
    sum(lanes(), Lane::frees)
}

pub(crate) fn sum<T: 'static>(all: impl Iterator<Item = &'static T>, figure: impl Fn(&T) -> u64) -> u64 {
    all.fold(0, |total, one| total.wrapping_add(figure(one)))
}
