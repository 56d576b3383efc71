//! What native bytes weigh in V8's books: an array buffer of that length, which nobody reads and behind which there is no memory.
//!
//! V8 keeps two accounts: what it is told (`napi_adjust_external_memory`) moves its collections, but only the array buffers are
//! what `process.memoryUsage().external` shows. A buffer counts in both.

use crate::js::{Scope, Value};

/// Less than this is told only: a buffer costs V8 a hundred bytes of its own.
const LEAST: usize = 64 << 10;

/// A hidden array buffer of so many bytes, to be kept for as long as they are; `None` where it is not worth it or cannot be had.
pub(crate) fn weight(scope: Scope, bytes: usize) -> Option<Value> {
    if bytes < LEAST {
        return None;
    }
    region::reserve(bytes).and_then(|region| scope.external_buffer(region.address, bytes, region::give_back))
}

#[cfg(target_os = "linux")]
mod region {
    //! Addresses without memory: pages that can only be read, and are all the kernel's one page of zeros.

    use std::ffi::{c_int, c_void};
    use std::ptr;

    use napi::sys;

    unsafe extern "C" {
        /// <https://man7.org/linux/man-pages/man2/mmap.2.html>
        fn mmap(
            at: *mut c_void,
            length: usize,
            protection: c_int,
            flags: c_int,
            file: c_int,
            from: isize,
        ) -> *mut c_void;
        fn munmap(at: *mut c_void, length: usize) -> c_int;
    }

    const PROT_READ: c_int = 1;
    const MAP_PRIVATE: c_int = 0x2;
    const MAP_ANONYMOUS: c_int = 0x20;
    const MAP_NORESERVE: c_int = 0x4000;

    /// Reserved addresses.
    pub(super) struct Region {
        pub(super) address: *mut c_void,
    }

    pub(super) fn reserve(bytes: usize) -> Option<Region> {
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
        // SAFETY: a new mapping wherever the kernel likes; nothing that exists is touched.
        let address = unsafe { mmap(ptr::null_mut(), bytes, PROT_READ, flags, -1, 0) };
        (address.addr() != usize::MAX).then_some(Region { address })
    }

    /// Gives the addresses back; the hint is their length.
    pub(super) unsafe extern "C" fn give_back(_: sys::napi_env, address: *mut c_void, length: *mut c_void) {
        // SAFETY: made by `reserve` with this length, and given back once, when the buffer is gone.
        let _ = unsafe { munmap(address, length.addr()) };
    }
}

#[cfg(not(target_os = "linux"))]
mod region {
    //! Elsewhere V8 is only told.

    use std::ffi::c_void;

    use napi::sys;

    pub(super) struct Region {
        pub(super) address: *mut c_void,
    }

    pub(super) fn reserve(_: usize) -> Option<Region> {
        None
    }

    pub(super) unsafe extern "C" fn give_back(_: sys::napi_env, _: *mut c_void, _: *mut c_void) {}
}
