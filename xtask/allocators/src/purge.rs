//! Asks the allocator to give all free memory back to the system.

#![expect(unsafe_code, reason = "the allocators' own functions are C")]

#[cfg(all(target_os = "linux", target_env = "gnu", not(any(feature = "mimalloc", feature = "jemalloc"))))]
pub(crate) fn now() {
    unsafe extern "C" {
        fn malloc_trim(pad: usize) -> i32;
    }
    // SAFETY: may be called at any time from any thread.
    unsafe { malloc_trim(0) };
}

#[cfg(feature = "mimalloc")]
pub(crate) fn now() {
    // SAFETY: may be called at any time from any thread.
    unsafe { libmimalloc_sys::mi_collect(true) };
}

#[cfg(feature = "jemalloc")]
pub(crate) fn now() {
    use std::ptr::null_mut;
    // 4096 stands for all arenas (`MALLCTL_ARENAS_ALL`).
    // SAFETY: the name ends with a zero, and this control takes and gives no value.
    unsafe {
        tikv_jemalloc_sys::mallctl(c"arena.4096.purge".as_ptr(), null_mut(), null_mut(), null_mut(), 0)
    };
}

#[cfg(not(any(all(target_os = "linux", target_env = "gnu"), feature = "mimalloc", feature = "jemalloc")))]
pub(crate) fn now() {}
