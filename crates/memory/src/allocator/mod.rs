//! The tracking allocator: passes every request on to another allocator and counts what it handed out, for the
//! account that the thread works for at that moment.
//!
//! `tag` keeps the account's index with the block, `tally` are the counters, `table` is where they stand, `local`
//! what a thread knows of itself, `this_thread` where it finds that, `peak` and `stats` what is read from them. Which accounts there are, and when a
//! thread works for one, is up to `account`; which allocator is wrapped, and whether one is installed at all, is
//! the program's choice.

mod local;
pub(crate) mod peak;
mod stats;
pub(crate) mod table;
mod tag;
mod tally;
#[cfg(test)]
mod tests;
mod this_thread;

use std::alloc::{GlobalAlloc, Layout};
use std::ptr;

pub use local::leave_thread;
pub(crate) use local::{Switched, counted, current, is_installed};
pub use stats::{AllocatorStats, allocator_stats};
pub(crate) use tag::Tag;
pub(crate) use tally::Tally;

/// What an allocator gives without being asked for it, on most machines. More is asked for in another way, which would cost the
/// usual one some instructions.
const USUAL_ALIGN: usize = 16;

/// A global allocator that counts what passes through it to `A`.
///
/// The figures are read with [`allocator_stats`] and, for each account, from an [`Account`](crate::Account). They
/// belong to the process, not to the value: a process has one global allocator, and a second `Tracking` used beside
/// it adds to the same figures. Bytes are those the program asked for; what `A` adds for alignment and bookkeeping,
/// and the two bytes this allocator keeps with each block, are part of the resident size, not of these figures.
///
/// Sound in a library that is loaded at run time: its thread-locals are const-initialised and have no destructor,
/// so they can be used from the first to the last allocation of a thread and never ask this allocator for memory.
/// That holds where the target has thread-locals of its own (Linux, macOS, Windows); the few that emulate them with
/// an allocation must not install it.
#[derive(Debug, Default, Clone, Copy)]
pub struct Tracking<A> {
    inner: A,
}

impl<A> Tracking<A> {
    /// Wraps `inner`, for use in a `#[global_allocator]` static.
    pub const fn new(inner: A) -> Self {
        Self { inner }
    }
}

#[expect(unsafe_code, reason = "an allocator can only be written as an unsafe trait implementation")]
// SAFETY: every block comes from `inner`, with a layout of the same alignment and at least the size asked for; the
// counting in between touches no block but for the tag behind it, and does not unwind. It may allocate, which is a
// call like any other: at that moment nothing here is borrowed or half done.
//
// Not inlined: it is asked from thousands of places, and one copy that stays in the processor's cache of instructions costs less
// time than the calls do.
unsafe impl<A: GlobalAlloc> GlobalAlloc for Tracking<A> {
    #[inline(never)]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.align() > USUAL_ALIGN {
            // SAFETY: the caller's promise.
            return unsafe { self.alloc_aligned(layout) };
        }
        let Some(extended) = tag::extended(layout) else { return ptr::null_mut() };
        // SAFETY: the extended layout has no size of 0.
        let block = unsafe { self.inner.alloc(extended) };
        // SAFETY: allocated just now, extended.
        unsafe { charge(block, layout.size()) }
    }

    #[inline(never)]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        let Some(extended) = tag::extended(layout) else { return ptr::null_mut() };
        // SAFETY: as in `alloc`.
        let block = unsafe { self.inner.alloc_zeroed(extended) };
        // SAFETY: as in `alloc`.
        unsafe { charge(block, layout.size()) }
    }

    #[inline(never)]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller got `block` from this allocator with this layout, hence it is extended and tagged.
        let account = unsafe { tag::read(block, layout.size()) };
        if local::freed(account, layout.size()).is_some() {
            // SAFETY: as above, and `inner` gave it for the extended layout.
            unsafe { self.inner.dealloc(block, tag::extended_unchecked(layout)) };
        } else {
            // SAFETY: as above.
            unsafe { self.dealloc_slowly(block, layout, account) };
        }
    }

    #[inline(never)]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: the caller's promise: the new size, too, makes a layout with this alignment.
        let wanted = unsafe { Layout::from_size_align_unchecked(new_size, layout.align()) };
        let Some(wanted) = tag::extended(wanted) else { return ptr::null_mut() };
        // SAFETY: as in `dealloc`.
        let account = unsafe { tag::read(block, layout.size()) };
        // SAFETY: as in `dealloc`; `wanted` is a valid layout of the same alignment, and not of size 0.
        let moved = unsafe { self.inner.realloc(block, tag::extended_unchecked(layout), wanted.size()) };
        if moved.is_null() {
            return moved;
        }
        // SAFETY: it has the size of `wanted` now, which is the new size extended.
        unsafe { tag::write(moved, new_size, account) };
        match local::resized(account, layout.size(), new_size) {
            Some(()) => moved,
            None => resized_slowly(moved, account, layout.size(), new_size),
        }
    }
}

// What is rarely done is apart, and done last: then the common path has no registers to save.
#[expect(unsafe_code, reason = "parts of the allocator's methods")]
impl<A: GlobalAlloc> Tracking<A> {
    /// # Safety
    ///
    /// As for [`GlobalAlloc::alloc`].
    #[cold]
    #[inline(never)]
    unsafe fn alloc_aligned(&self, layout: Layout) -> *mut u8 {
        let Some(extended) = tag::extended(layout) else { return ptr::null_mut() };
        // SAFETY: the extended layout has no size of 0.
        let block = unsafe { self.inner.alloc(extended) };
        // SAFETY: allocated just now, extended.
        unsafe { charge(block, layout.size()) }
    }

    /// # Safety
    ///
    /// As for [`GlobalAlloc::dealloc`]; `account` is the tag of the block.
    #[cold]
    #[inline(never)]
    unsafe fn dealloc_slowly(&self, block: *mut u8, layout: Layout, account: Tag) {
        local::freed_slowly(account, layout.size());
        // SAFETY: the caller's promise; `inner` gave the block for the extended layout.
        unsafe { self.inner.dealloc(block, tag::extended_unchecked(layout)) };
    }
}

/// Charges a block to the account that the thread works for, and returns it.
///
/// # Safety
///
/// `block` is null, or was allocated with an extended layout of `size` bytes.
#[expect(unsafe_code, reason = "part of the allocator's methods")]
#[inline]
unsafe fn charge(block: *mut u8, size: usize) -> *mut u8 {
    if block.is_null() {
        return block;
    }
    let Some(account) = local::allocated(size) else {
        // SAFETY: the caller's promise.
        return unsafe { charge_slowly(block, size) };
    };
    // SAFETY: the caller's promise.
    unsafe { tag::write(block, size, account) };
    block
}

/// As [`charge`].
///
/// # Safety
///
/// As for [`charge`], and `block` is not null.
#[expect(unsafe_code, reason = "part of the allocator's methods")]
#[cold]
#[inline(never)]
unsafe fn charge_slowly(block: *mut u8, size: usize) -> *mut u8 {
    let account = local::allocated_slowly(size);
    // SAFETY: the caller's promise.
    unsafe { tag::write(block, size, account) };
    block
}

/// Counts a block that has another size now, and returns it.
#[cold]
#[inline(never)]
fn resized_slowly(block: *mut u8, account: Tag, old: usize, new: usize) -> *mut u8 {
    local::resized_slowly(account, old, new);
    block
}
