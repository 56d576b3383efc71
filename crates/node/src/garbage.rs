//! V8's garbage holds native memory: results that nobody has any more, and a nursery that a burst made larger. A program that has
//! nothing to do allocates nothing, and so V8 does not look. It is asked to when a burst is over, or the process short of memory.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use graphbit_core::{Spare, can_spare};
use graphbit_executor::runtime;
use napi_derive::napi;

use crate::event_loop::{EventLoop, Queue};

/// From now on the environment's heap is one of the things that can give memory up, for as long as its queue lives.
pub(crate) fn watch(queue: &Arc<Queue>) {
    let queue: Weak<Queue> = Arc::downgrade(queue);
    can_spare(queue);
}

/// What an environment's V8 may hold for nobody.
#[derive(Default)]
pub(crate) struct Garbage {
    /// Bytes that JavaScript's objects got since V8 was last asked.
    handed_over: AtomicU64,
    /// V8 was asked, and has not heard of it.
    is_asked: AtomicBool,
}

impl Garbage {
    /// JavaScript got an object that keeps so many native bytes alive.
    pub(crate) fn handed_over(&self, bytes: u64) {
        self.handed_over.fetch_add(bytes, Ordering::Relaxed);
        runtime::handed_over(bytes);
    }
}

impl Spare for Queue {
    /// Of what V8 keeps, only garbage can be had again.
    fn give_up_half(&self) {
        self.give_up_unused();
    }

    fn give_up_unused(&self) {
        if self.garbage.is_asked.swap(true, Ordering::Relaxed) {
            return;
        }
        // When the environment is gone, so is its heap.
        let _ = self.post(Box::new(|scope| {
            let Ok(current) = EventLoop::current(scope) else { return };
            let garbage = &current.queue().garbage;
            garbage.is_asked.store(false, Ordering::Relaxed);
            let bytes = garbage.handed_over.swap(0, Ordering::Relaxed);
            // The facade knows V8's figures, and whether it is worth it; what it throws becomes the program's.
            let _ = current.hook(None, |hooks| &hooks.collect).and_then(|collect| {
                let bytes = scope.number(bytes as f64)?;
                scope.call(collect, &[bytes])
            });
        }));
    }
}

/// Has V8 collect its garbage bit by bit, most of it on threads of its own, and give up what of its heap is empty then. False where
/// it cannot be asked.
#[napi(catch_unwind)]
pub fn collect_garbage() -> bool {
    v8::feel_pressure().is_some()
}

#[cfg(unix)]
mod v8 {
    //! What V8 offers whoever embeds it and N-API does not, looked up by name in the program. Where it has no such function, like
    //! in a program that is not Node, nothing is done.

    use std::ffi::{c_int, c_void};

    use libloading::os::unix::{Library, Symbol};

    /// `v8::Isolate::GetCurrent()`
    const CURRENT: &[u8] = b"_ZN2v87Isolate10GetCurrentEv\0";
    type Current = unsafe extern "C" fn() -> *mut c_void;

    /// `v8::Isolate::MemoryPressureNotification(v8::MemoryPressureLevel)`
    const NOTIFY: &[u8] = b"_ZN2v87Isolate26MemoryPressureNotificationENS_19MemoryPressureLevelE\0";
    type Notify = unsafe extern "C" fn(isolate: *mut c_void, level: c_int);

    /// No pressure, and one to which V8 answers with an incremental collection; at the next level it would stop the program.
    const NONE: c_int = 0;
    const MODERATE: c_int = 1;

    /// Lets the current thread's V8 feel that memory is short, for a moment: the collection that it begins goes on by itself.
    pub(super) fn feel_pressure() -> Option<()> {
        let program = Library::this();
        // SAFETY: the names are mangled: they say what is called and which arguments it takes. Neither reads anything but those
        // and the thread's own state; both may be called at any time while JavaScript's thread is in its environment.
        unsafe {
            let current: Symbol<Current> = program.get(CURRENT).ok()?;
            let notify: Symbol<Notify> = program.get(NOTIFY).ok()?;
            let isolate = current();
            if isolate.is_null() {
                return None;
            }
            notify(isolate, MODERATE);
            notify(isolate, NONE);
        }
        Some(())
    }
}

#[cfg(not(unix))]
mod v8 {
    //! Names are mangled in another way elsewhere: V8 looks when it looks.

    pub(super) fn feel_pressure() -> Option<()> {
        None
    }
}
