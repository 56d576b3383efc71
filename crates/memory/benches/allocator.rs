//! What counting costs: the system allocator as it is and behind `Tracking`, side by side in one program.
//!
//! `cargo bench -p graphbit-memory`. A round frees a random one of 64 held blocks and allocates another one; the
//! best of many short turns is printed, taken alternately so that a change of clock speed or a busy neighbour meets
//! all. "Short scopes" are left and entered anew after each 20 rounds, like the polls of a future. "Freed
//! elsewhere" is the time to allocate blocks on one thread and that to free them on another. "Many threads before"
//! is what threads pay that come after 256 others which did not call `leave_thread`.

#![expect(unsafe_code, reason = "calls the allocators directly, to have both in one program")]
#![expect(clippy::print_stdout, reason = "a program that prints what it measured")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::ptr;
use std::thread;
use std::time::Instant;

use graphbit_memory::{Account, Tracking, releasable_bytes};

const ROUNDS: u32 = 50_000;
const TURNS: u32 = 150;
const HELD: usize = 64;
const ALIGN: usize = 8;
const SCOPE: u32 = 20;
const BATCH: u32 = 10_000;

static TRACKING: Tracking<System> = Tracking::new(System);

/// Sizes from the first number on, with a spread that is a power of two: a mask, because a division would hide what
/// is measured.
#[derive(Clone, Copy)]
struct Sizes(usize, usize);

fn main() {
    println!("nanoseconds a round (one free and one allocation), best of {TURNS} turns of {ROUNDS} rounds");
    println!("{:<32}{:>9}{:>16}{:>16}{:>16}", "", "plain", "tracked", "in a scope", "short scopes");
    for (name, sizes) in [("16-527 bytes", Sizes(16, 512)), ("1-64 KiB", Sizes(1024, 64 * 1024))] {
        row(name, sizes);
    }
    handed_over("16-527 bytes, freed elsewhere", Sizes(16, 512));
    asked("what could be released");
    for _ in 0..300 {
        let _ = thread::spawn(|| churn(&TRACKING, 1, Sizes(16, 512))).join();
    }
    let _ = thread::spawn(|| row("many threads before", Sizes(16, 512))).join();
    asked("what could be released, then");
}

/// What it costs to ask how much free memory there is: little, but more with every thread there ever was.
fn asked(name: &str) {
    const TIMES: u32 = 1000;
    let turn = || time(TIMES, || (0..TIMES).for_each(|_| _ = black_box(releasable_bytes())));
    println!("{name:<32}{:>9.1}", (0..TURNS).map(|_| turn()).fold(f64::INFINITY, f64::min));
}

fn row(name: &str, sizes: Sizes) {
    let account = Account::open("bench");
    let mut best = [f64::INFINITY; 4];
    for _ in 0..TURNS {
        let turns = [
            time(ROUNDS, || churn(&System, ROUNDS, sizes)),
            time(ROUNDS, || churn(&TRACKING, ROUNDS, sizes)),
            time(ROUNDS, || {
                let _scope = account.enter();
                churn(&TRACKING, ROUNDS, sizes);
            }),
            time(ROUNDS, || short_scopes(&account, sizes)),
        ];
        best.iter_mut().zip(turns).for_each(|(best, turn)| *best = best.min(turn));
    }
    print(name, &best);
}

fn handed_over(name: &str, sizes: Sizes) {
    let account = Account::open("bench");
    let mut best = [f64::INFINITY; 3];
    for _ in 0..TURNS {
        let turns = [
            hand_over(&System, None, sizes),
            hand_over(&TRACKING, None, sizes),
            hand_over(&TRACKING, Some(&account), sizes),
        ];
        best.iter_mut().zip(turns).for_each(|(best, turn)| *best = best.min(turn));
    }
    print(name, &best);
}

fn print(name: &str, best: &[f64]) {
    let Some((plain, others)) = best.split_first() else { return };
    let cells = others.iter().map(|time| format!("{time:>8.1} ({:.2})", time / plain));
    println!("{name:<32}{plain:>9.1}{}", cells.map(|cell| format!("{cell:>16}")).collect::<String>());
}

/// Nanoseconds a round.
fn time(rounds: u32, work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64() * 1e9 / f64::from(rounds)
}

fn short_scopes(account: &Account, sizes: Sizes) {
    let mut held = Held::new(&TRACKING, sizes);
    for _ in 0..ROUNDS / SCOPE {
        let _scope = account.enter();
        (0..SCOPE).for_each(|_| held.round());
    }
}

fn churn<A: GlobalAlloc>(allocator: &A, rounds: u32, sizes: Sizes) {
    let mut held = Held::new(allocator, sizes);
    (0..rounds).for_each(|_| held.round());
}

/// The time to allocate on one thread and that to free on another, without what is between.
fn hand_over<A: GlobalAlloc + Sync>(allocator: &A, account: Option<&Account>, sizes: Sizes) -> f64 {
    let mut random = Random::new();
    let mut blocks = Vec::with_capacity(BATCH as usize);
    let allocating = time(BATCH, || {
        let _scope = account.map(Account::enter);
        blocks.extend((0..BATCH).map(|_| take(allocator, sizes, random.next())));
    });
    let freeing = thread::scope(|scope| {
        let free = || time(BATCH, || blocks.drain(..).for_each(|block| give_back(allocator, block)));
        scope.spawn(free).join()
    });
    allocating + freeing.unwrap_or(f64::INFINITY)
}

struct Held<'a, A: GlobalAlloc> {
    allocator: &'a A,
    sizes: Sizes,
    random: Random,
    blocks: [Block; HELD],
}

impl<'a, A: GlobalAlloc> Held<'a, A> {
    fn new(allocator: &'a A, sizes: Sizes) -> Self {
        Self { allocator, sizes, random: Random::new(), blocks: [NONE; HELD] }
    }

    #[inline]
    fn round(&mut self) {
        let random = self.random.next();
        if let Some(place) = self.blocks.get_mut(random as usize % HELD) {
            give_back(self.allocator, *place);
            *place = take(self.allocator, self.sizes, random);
        }
    }
}

impl<A: GlobalAlloc> Drop for Held<'_, A> {
    fn drop(&mut self) {
        self.blocks.iter().for_each(|block| give_back(self.allocator, *block));
    }
}

struct Random(u64);

impl Random {
    fn new() -> Self {
        Self(0x9E37_79B9_7F4A_7C15)
    }

    #[inline]
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

#[derive(Clone, Copy)]
struct Block(*mut u8, Layout);

const NONE: Block = Block(ptr::null_mut(), Layout::new::<u8>());

// SAFETY: nobody else has the address.
unsafe impl Send for Block {}

/// Not inlined, like the functions through which a program reaches its global allocator.
#[inline(never)]
fn allocate<A: GlobalAlloc>(allocator: &A, layout: Layout) -> *mut u8 {
    // SAFETY: no layout in this program has a size of 0.
    unsafe { allocator.alloc(layout) }
}

/// As [`allocate`].
#[inline(never)]
fn deallocate<A: GlobalAlloc>(allocator: &A, Block(block, layout): Block) {
    // SAFETY: allocated by `allocate` with this layout, and given up or overwritten right after.
    unsafe { allocator.dealloc(block, layout) }
}

#[inline]
fn take<A: GlobalAlloc>(allocator: &A, Sizes(smallest, spread): Sizes, random: u64) -> Block {
    let size = smallest + ((random >> 16) as usize & (spread - 1));
    Layout::from_size_align(size, ALIGN)
        .map_or(NONE, |layout| Block(black_box(allocate(allocator, layout)), layout))
}

#[inline]
fn give_back<A: GlobalAlloc>(allocator: &A, block: Block) {
    if !block.0.is_null() {
        deallocate(allocator, block);
    }
}
