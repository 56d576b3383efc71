//! The account of a block, in two bytes behind its last one.
//!
//! Behind, not in front: the address stays the one the inner allocator gave, so every alignment works without a
//! case of its own, and `malloc` mostly has the two bytes to spare from rounding up. Rust names
//! the size on every free, so the place is always known. The bytes are memory like any other: who writes beyond a
//! block spoils them, hence whatever is read here is treated as a number that may name no account.

#![expect(unsafe_code, reason = "reads and writes beside blocks that the type system does not know")]

use std::alloc::Layout;

/// The index of an account; 0 is the shared one.
pub(crate) type Tag = u16;

/// Of blocks that are not counted: the counters' own.
pub(super) const UNCOUNTED: Tag = Tag::MAX;

const BYTES: usize = size_of::<Tag>();

/// The layout to ask the inner allocator for: the block, then its tag. `None` where no address space has room for it.
#[inline]
pub(super) fn extended(layout: Layout) -> Option<Layout> {
    // One test, because this is asked at each allocation.
    if (layout.size() | layout.align()) >> (usize::BITS - 2) != 0 {
        return None;
    }
    // SAFETY: size and alignment are less than a quarter of all addresses.
    Some(unsafe { extended_unchecked(layout) })
}

/// [`extended`] for a layout of which a block exists.
///
/// # Safety
///
/// `extended(layout)` is `Some`.
#[inline]
pub(super) unsafe fn extended_unchecked(layout: Layout) -> Layout {
    // At least the alignment: that is what the system's allocator needs no second thought for. It hands out as much anyway,
    // but for blocks that are smaller than an alignment of more than its own, which no Rust type is.
    let size = (layout.size() + BYTES).max(layout.align());
    // SAFETY: size and alignment are less than a quarter of all addresses, so the size, extended and rounded up to the
    // alignment, is less than half of them; and the alignment is that of a layout.
    unsafe { Layout::from_size_align_unchecked(size, layout.align()) }
}

/// Writes the tag of a block of `size` bytes.
///
/// # Safety
///
/// `block` was allocated with an [`extended`] layout of `size` bytes.
#[inline]
pub(super) unsafe fn write(block: *mut u8, size: usize, tag: Tag) {
    // SAFETY: the allocation is `BYTES` longer than `size`; the write needs no alignment.
    unsafe { block.add(size).cast::<Tag>().write_unaligned(tag) }
}

/// Reads the tag of a block of `size` bytes.
///
/// # Safety
///
/// `block` was allocated with an [`extended`] layout of `size` bytes and tagged since.
#[inline]
pub(super) unsafe fn read(block: *mut u8, size: usize) -> Tag {
    // SAFETY: the allocation is `BYTES` longer than `size` and they are initialised; the read needs no alignment.
    unsafe { block.add(size).cast::<Tag>().read_unaligned() }
}
