//! Every alignment and size through the allocator's four functions.

#![expect(unsafe_code, reason = "calls the allocator's functions with layouts that no safe type has")]

use std::alloc::{Layout, alloc, alloc_zeroed, dealloc, realloc};
use std::slice;

use graphbit_memory::Account;

use crate::alone;

const SIZES: [usize; 12] = [1, 2, 3, 7, 8, 15, 16, 17, 100, 1000, 5000, 200_000];

fn alignments() -> impl Iterator<Item = usize> {
    (0..=12).map(|log2| 1 << log2)
}

fn layout(size: usize, align: usize) -> Layout {
    Layout::from_size_align(size, align).unwrap()
}

#[test]
fn every_layout_is_aligned_zeroed_if_asked_and_counted_to_the_byte() {
    let _alone = alone();
    let account = Account::open("layouts");
    for align in alignments() {
        for size in SIZES {
            let layout = layout(size, align);
            for zeroed in [false, true] {
                // SAFETY: the layout is not of size 0.
                let block = unsafe {
                    let _scope = account.enter();
                    if zeroed { alloc_zeroed(layout) } else { alloc(layout) }
                };
                assert!(!block.is_null());
                assert_eq!(block.addr() % align, 0);
                if zeroed {
                    // SAFETY: all of the block is initialised.
                    assert!(unsafe { slice::from_raw_parts(block, size) }.iter().all(|byte| *byte == 0));
                }
                // SAFETY: the block has that size.
                unsafe { block.write_bytes(0xFF, size) };
                assert_eq!(account.live_bytes(), Some(size as u64), "{layout:?}");
                // SAFETY: allocated above with this layout.
                unsafe { dealloc(block, layout) };
                assert_eq!(account.live_bytes(), Some(0), "{layout:?}");
            }
        }
    }
    assert_eq!(account.allocations(), Some(13 * 12 * 2));
}

#[test]
fn a_resized_block_keeps_its_content_alignment_and_account() {
    let _alone = alone();
    let (owner, other) = (Account::open("owner"), Account::open("other"));
    for align in alignments() {
        for from in SIZES {
            for to in SIZES {
                // SAFETY: the layout is not of size 0, and the block is of the size written.
                let block = unsafe {
                    let _scope = owner.enter();
                    let block = alloc(layout(from, align));
                    block.write_bytes(0x5A, from);
                    block
                };
                // SAFETY: allocated above with this layout; the new size is not 0.
                let moved = unsafe {
                    let _scope = other.enter();
                    realloc(block, layout(from, align), to)
                };
                assert!(!moved.is_null());
                assert_eq!(moved.addr() % align, 0);
                // SAFETY: that much was written before.
                let kept = unsafe { slice::from_raw_parts(moved, from.min(to)) };
                assert!(kept.iter().all(|byte| *byte == 0x5A));
                assert_eq!((owner.live_bytes(), other.live_bytes()), (Some(to as u64), Some(0)));
                // SAFETY: it has this layout since it was resized.
                unsafe { dealloc(moved, layout(to, align)) };
                assert_eq!(owner.live_bytes(), Some(0));
            }
        }
    }
    assert_eq!(other.allocations(), Some(0));
}

#[test]
fn what_cannot_be_had_is_null_and_not_counted() {
    let _alone = alone();
    let account = Account::open("too much");
    let _scope = account.enter();
    for size in [isize::MAX as usize, isize::MAX as usize - 1, isize::MAX as usize - 2] {
        // SAFETY: the layout is not of size 0.
        assert!(unsafe { alloc(layout(size, 1)) }.is_null());
    }
    let small = layout(8, 1);
    // SAFETY: the layouts are valid and not of size 0; a block that could not be resized stays as it was.
    unsafe {
        let block = alloc(small);
        block.write_bytes(3, 8);
        assert!(realloc(block, small, isize::MAX as usize).is_null());
        assert!(realloc(block, small, isize::MAX as usize - 64).is_null());
        assert_eq!(slice::from_raw_parts(block, 8), [3; 8]);
        assert_eq!(account.live_bytes(), Some(8));
        dealloc(block, small);
    }
    assert_eq!(account.live_bytes(), Some(0));
}

#[test]
fn values_without_a_size_are_not_counted() {
    let _alone = alone();
    let account = Account::open("nothing");
    {
        let _scope = account.enter();
        let nothing = (Box::new(()), Vec::<u64>::new(), String::new());
        assert_eq!(account.allocations(), Some(0));
        drop(nothing);
    }
    assert_eq!(account.live_bytes(), Some(0));
}
