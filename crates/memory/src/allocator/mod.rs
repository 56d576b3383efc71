//! The tracking allocator: passes every request on to another allocator and counts what it handed out.
//!
//! The counting is in `counters`; which allocator is wrapped, and whether one is installed at all, is the
//! program's choice.
//!
//! # Room for attribution
//!
//! Later, bytes will be attributed to runs. Nothing here has to move for it: `alloc` would ask the inner allocator
//! for a layout extended in front by one header of `max(align, 16)` bytes, write the account's index into the last
//! four bytes before the block, and return the address behind it; `dealloc` and `realloc` read the index back from
//! there, so that a free is credited to the account that paid, on whatever thread it happens. The account to
//! charge would stand in a second const-initialised `Cell<u32>` beside the thread's place in `counters`, 0 meaning
//! the shared account. A guard sets it and restores it on drop, and a future wrapper takes that guard on every poll.

#![expect(unsafe_code, reason = "an allocator can only be written as an unsafe trait implementation")]

mod counters;
#[cfg(test)]
mod tests;

use std::alloc::{GlobalAlloc, Layout};

pub use counters::{AllocatorStats, allocator_stats, leave_thread};

/// A global allocator that counts what passes through it to `A`.
///
/// The figures are read with [`allocator_stats`]. They belong to the process, not to the value: a process has one
/// global allocator, and a second `Tracking` used beside it adds to the same figures. Bytes are those the program
/// asked for; what `A` adds for alignment and bookkeeping is part of the resident size, not of these figures.
///
/// Sound in a library that is loaded at run time: its one thread-local is const-initialised and has no destructor,
/// so it can be used from the first to the last allocation of a thread and never asks this allocator for memory.
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

// SAFETY: every method hands its arguments unchanged to `inner` and returns what `inner` returned, so `inner`
// keeps the contract; the counting in between touches no block, does not allocate and does not panic.
unsafe impl<A: GlobalAlloc> GlobalAlloc for Tracking<A> {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises about `layout` are those that `inner` asks for.
        let block = unsafe { self.inner.alloc(layout) };
        if !block.is_null() {
            counters::allocated(layout.size());
        }
        block
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as in `alloc`.
        let block = unsafe { self.inner.alloc_zeroed(layout) };
        if !block.is_null() {
            counters::allocated(layout.size());
        }
        block
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller got `block` from this allocator with this layout, hence from `inner`.
        unsafe { self.inner.dealloc(block, layout) };
        counters::freed(layout.size());
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: as in `dealloc`; the caller's promises about `new_size` are those that `inner` asks for.
        let moved = unsafe { self.inner.realloc(block, layout, new_size) };
        if !moved.is_null() {
            counters::resized(layout.size(), new_size);
        }
        moved
    }
}
