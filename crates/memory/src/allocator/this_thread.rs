//! Where a thread finds its [`Local`].
//!
//! In a program that is a thread-local. In a library that is loaded at run time each access to one is a call, and these calls were
//! half of what counting cost in an addon of Node's: where one instruction tells threads apart, there is a table instead, with
//! a thread's `Local` at a place that follows from its pointer. Threads that find no place in it have a thread-local, too.

#[cfg(all(feature = "addon", target_arch = "x86_64", target_os = "linux", not(miri)))]
pub(super) use by_pointer::{leave, with, with_at_hand};
#[cfg(not(all(feature = "addon", target_arch = "x86_64", target_os = "linux", not(miri))))]
pub(super) use by_thread_local::{leave, with, with_at_hand};

#[cfg(not(all(feature = "addon", target_arch = "x86_64", target_os = "linux", not(miri))))]
mod by_thread_local {
    use super::super::local::Local;

    thread_local! {
        static LOCAL: Local = const { Local::new() };
    }

    #[inline]
    pub(in super::super) fn with_at_hand<R>(work: impl FnOnce(&Local) -> Option<R>) -> Option<R> {
        LOCAL.with(work)
    }

    #[inline]
    pub(in super::super) fn with<R>(work: impl FnOnce(&Local) -> R) -> R {
        LOCAL.with(work)
    }

    pub(in super::super) fn leave() {
        LOCAL.with(Local::leave);
    }
}

#[cfg(all(feature = "addon", target_arch = "x86_64", target_os = "linux", not(miri)))]
mod by_pointer {
    use std::arch::asm;
    use std::cell::Cell;
    use std::sync::atomic::AtomicUsize;
    use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

    use super::super::local::Local;

    const PLACES: usize = 1 << BITS;
    const BITS: u32 = 9;
    /// How many places are tried for a thread whose first is another's.
    const TRIES: usize = 16;

    static TABLE: [Place; PLACES] = [const { Place::new() }; PLACES];

    /// One cache line, which only its thread uses.
    #[repr(align(64))]
    struct Place {
        /// The pointer of the thread; 0 while there is none. A thread that ends without leaving is followed by the next one with the
        /// same pointer, which goes on where it was, in the account of a scope that was forgotten there, too.
        owner: AtomicUsize,
        local: Local,
    }

    const _: () = assert!(size_of::<Place>() == 64);

    #[expect(unsafe_code, reason = "a table of what belongs to one thread each")]
    // SAFETY: `local` is given out to the thread alone whose pointer is in `owner`: no two that live have the same.
    unsafe impl Sync for Place {}

    /// What a thread knows without the table.
    struct Apart {
        seat: Cell<Seat>,
        /// Its own, where it has no place.
        local: Local,
    }

    /// Decided once, for what is in a place must not be left behind.
    #[derive(Clone, Copy)]
    enum Seat {
        Undecided,
        At(&'static Place),
        /// It found none, or is about to end.
        None,
    }

    thread_local! {
        static APART: Apart = const { Apart { seat: Cell::new(Seat::Undecided), local: Local::new() } };
    }

    impl Place {
        const fn new() -> Self {
            Self { owner: AtomicUsize::new(0), local: Local::new() }
        }

        #[inline]
        fn is_of(&self, pointer: usize) -> bool {
            self.owner.load(Relaxed) == pointer
        }
    }

    /// What tells this thread from all others that live: the address of its control block, which stands at its beginning
    /// (System V ABI for x86-64, thread-local storage of variant II).
    #[expect(unsafe_code, reason = "there is no other way to ask for it that is no call")]
    #[inline]
    fn pointer() -> usize {
        let pointer: usize;
        // SAFETY: reads a word that every thread has, and that never changes.
        unsafe {
            asm!("mov {}, qword ptr fs:[0]", out(reg) pointer, options(pure, readonly, nostack, preserves_flags));
        }
        pointer
    }

    /// Where a thread's place should be: the pointers differ by the sizes of stacks, so their bits are mixed first (Knuth, "The Art of
    /// Computer Programming", volume 3, section 6.4: multiplicative hashing).
    #[inline]
    fn first_place(pointer: usize) -> usize {
        pointer.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (usize::BITS - BITS)
    }

    /// Does something with what is the thread's own, where that is found at once.
    #[inline]
    pub(in super::super) fn with_at_hand<R>(work: impl FnOnce(&Local) -> Option<R>) -> Option<R> {
        let pointer = pointer();
        let place = TABLE.get(first_place(pointer)).filter(|place| place.is_of(pointer))?;
        work(&place.local)
    }

    /// Does something with what is the thread's own.
    #[inline]
    pub(in super::super) fn with<R>(work: impl FnOnce(&Local) -> R) -> R {
        let pointer = pointer();
        let place =
            TABLE.get(first_place(pointer)).filter(|place| place.is_of(pointer)).or_else(|| seek(pointer));
        match place {
            Some(place) => work(&place.local),
            None => APART.with(|apart| work(&apart.local)),
        }
    }

    /// The place of a thread that is not in its first one; `None` where it has none.
    #[cold]
    #[inline(never)]
    fn seek(pointer: usize) -> Option<&'static Place> {
        APART.with(|apart| {
            if let Seat::Undecided = apart.seat.get() {
                let take = |place: &&Place| {
                    place.is_of(0) && place.owner.compare_exchange(0, pointer, Acquire, Relaxed).is_ok()
                };
                let place = found(pointer).or_else(|| tried(pointer).find(take));
                apart.seat.set(place.map_or(Seat::None, Seat::At));
            }
            match apart.seat.get() {
                Seat::At(place) => Some(place),
                Seat::Undecided | Seat::None => None,
            }
        })
    }

    fn found(pointer: usize) -> Option<&'static Place> {
        tried(pointer).find(|place| place.is_of(pointer))
    }

    fn tried(pointer: usize) -> impl Iterator<Item = &'static Place> {
        TABLE.iter().cycle().skip(first_place(pointer)).take(TRIES)
    }

    /// The thread is about to end: others may have its place. What it still does is done apart.
    pub(in super::super) fn leave() {
        APART.with(|apart| {
            apart.seat.set(Seat::None);
            let Some(place) = found(pointer()) else { return apart.local.leave() };
            place.local.leave();
            place.local.hand_over(&apart.local);
            place.owner.store(0, Release);
        });
    }

    #[cfg(test)]
    mod tests {
        use std::collections::HashSet;
        use std::sync::Barrier;
        use std::thread;

        use super::{PLACES, found, leave, pointer, with};

        #[test]
        fn each_thread_that_lives_has_what_is_its_own_also_where_there_are_more_than_places() {
            const THREADS: usize = PLACES + 32;
            let all_there = Barrier::new(THREADS);
            let own = || {
                let address = with(|local| std::ptr::from_ref(local).addr());
                all_there.wait();
                assert_eq!(with(|local| std::ptr::from_ref(local).addr()), address, "it stays where it is");
                all_there.wait();
                address
            };
            let addresses: HashSet<usize> = thread::scope(|scope| {
                let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(own)).collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).collect()
            });
            assert_eq!(addresses.len(), THREADS);
        }

        #[test]
        fn who_has_left_gets_no_place_again() {
            thread::spawn(|| {
                with(|_| ());
                assert!(found(pointer()).is_some());
                leave();
                with(|_| ());
                assert!(found(pointer()).is_none());
            })
            .join()
            .unwrap();
        }
    }
}
