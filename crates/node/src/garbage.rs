//! V8's garbage holds native memory: results that nobody has any more, and a nursery that a burst made larger. A program that has
//! nothing to do allocates nothing, and so V8 does not look. It is asked to when a burst is over, or the process short of memory.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use graphbit_core::{Spare, can_spare};
use graphbit_executor::runtime;
use napi_derive::napi;

use crate::event_loop::{EventLoop, Queue};
use crate::js::{Scope, Value};

/// From now on the environment's heap is one of the things that can give memory up, for as long as its queue lives.
pub(crate) fn watch(queue: &Arc<Queue>) {
    let queue: Weak<Queue> = Arc::downgrade(queue);
    can_spare(queue);
}

/// What an environment's V8 keeps alive of ours, for a program that needs it or for nobody.
#[derive(Default)]
pub(crate) struct Garbage {
    /// Bytes that JavaScript's objects got so far.
    handed_over: AtomicU64,
    /// Of these, those of objects that were collected.
    collected: AtomicU64,
    /// A job is on its way to the environment's thread.
    is_posted: AtomicBool,
    is_short: AtomicBool,
}

impl Garbage {
    /// JavaScript got an object that keeps so many native bytes alive.
    pub(crate) fn handed_over(&self, bytes: u64) {
        self.handed_over.fetch_add(bytes, Ordering::Relaxed);
        runtime::handed_over(bytes);
    }

    /// V8 has collected one.
    pub(crate) fn collected(&self, bytes: u64) {
        self.collected.fetch_add(bytes, Ordering::Relaxed);
    }

    fn arguments(&self, scope: Scope) -> napi::Result<[Value; 3]> {
        let number = |bytes: &AtomicU64| scope.number(bytes.load(Ordering::Relaxed) as f64);
        let is_short = self.is_short.swap(false, Ordering::Relaxed);
        Ok([number(&self.handed_over)?, number(&self.collected)?, scope.boolean(is_short)?])
    }
}

impl Spare for Queue {
    /// Of what V8 keeps, only garbage can be had again.
    fn give_up_half(&self) {
        self.garbage.is_short.store(true, Ordering::Relaxed);
        self.give_up_unused();
    }

    fn give_up_unused(&self) {
        if self.garbage.is_posted.swap(true, Ordering::Relaxed) {
            return;
        }
        // When the environment is gone, so is its heap.
        let _ = self.post(Box::new(|scope| {
            let Some(current) = EventLoop::present() else { return };
            let garbage = &current.queue().garbage;
            garbage.is_posted.store(false, Ordering::Relaxed);
            // The facade knows V8's figures, and whether it is worth it.
            let _ = current.hook(None, |hooks| &hooks.collect).and_then(|collect| {
                let arguments = garbage.arguments(scope)?;
                scope.call(collect, &arguments)
            });
            // Nobody asked for it: where its context has been torn down, it is not the program's error.
            let _ = scope.take_exception();
        }));
    }
}

/// Has V8 collect its garbage bit by bit, most of it on threads of its own, and give up what of its heap is empty then.
#[napi(catch_unwind)]
pub fn collect_garbage() {
    let _asked = v8::feel_pressure();
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

    /// The level to which V8 answers with an incremental collection, unless one is under way; at the next it would stop the program.
    const MODERATE: c_int = 1;

    /// Lets the current thread's V8 feel for a moment that memory is short: the collection that it begins goes on by itself. `None`
    /// where it cannot be told.
    pub(super) fn feel_pressure() -> Option<()> {
        let program = Library::this();
        // SAFETY: the names are mangled: they say what is called and which arguments it takes. The first reads the thread's own
        // state; the second begins a collection, which is allowed wherever N-API is: on the isolate's own thread, outside of V8.
        unsafe {
            let current: Symbol<Current> = program.get(CURRENT).ok()?;
            let notify: Symbol<Notify> = program.get(NOTIFY).ok()?;
            let isolate = current();
            if !isolate.is_null() {
                notify(isolate, MODERATE);
            }
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
