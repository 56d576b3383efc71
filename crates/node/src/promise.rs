//! A future's outcome as a promise. The promise settles exactly once, whatever happens to the future.

use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::Arc;

use graphbit_core::{Error, ErrorCode, Result};
use napi::bindgen_prelude::Unknown;
use napi::{Env, check_status, sys};

use crate::error;
use crate::event_loop::{EventLoop, Queue, Stop};
use crate::js::{Scope, Value};

/// What a promise can resolve to.
pub(crate) trait IntoJs: Send + 'static {
    /// Makes the JavaScript value, on the JavaScript thread.
    fn into_js(self, scope: Scope) -> napi::Result<Value>;
}

impl IntoJs for () {
    fn into_js(self, scope: Scope) -> napi::Result<Value> {
        scope.undefined()
    }
}

impl IntoJs for String {
    fn into_js(self, scope: Scope) -> napi::Result<Value> {
        scope.string(&self)
    }
}

/// The side of a promise that settles it, from any thread. Dropped without a word, it rejects with `CANCELLED`.
pub(crate) struct Settler<T: IntoJs> {
    queue: Arc<Queue>,
    number: u32,
    deferred: Option<Deferred>,
    value: PhantomData<fn(T)>,
}

struct Deferred(sys::napi_deferred);

// SAFETY: it is only used on the JavaScript thread, in a job of the queue.
unsafe impl Send for Deferred {}

/// A pending promise and the side that settles it. The program stays alive until it has.
pub(crate) fn promise<T: IntoJs>(env: &Env) -> napi::Result<(Unknown<'_>, Settler<T>)> {
    let scope = Scope(env.raw());
    let current = EventLoop::current(scope)?;
    let (mut deferred, mut promise) = (ptr::null_mut(), ptr::null_mut());
    // SAFETY: on the environment's thread; the deferred is settled exactly once, by a job.
    check_status!(unsafe { sys::napi_create_promise(scope.0, &mut deferred, &mut promise) })?;
    let number = current.begin();
    let deferred = Some(Deferred(deferred));
    let settler = Settler { queue: Arc::clone(current.queue()), number, deferred, value: PhantomData };
    // SAFETY: the promise is a value of this scope.
    Ok((unsafe { Unknown::from_raw_unchecked(scope.0, promise) }, settler))
}

impl<T: IntoJs> Settler<T> {
    pub(crate) fn settle(mut self, outcome: Result<T>) {
        if let Some(deferred) = self.deferred.take() {
            let number = self.number;
            // When the environment is gone, nobody waits any more.
            let _ = self.queue.post(Box::new(move |scope| finish(scope, number, deferred, outcome)));
        }
    }

    /// The number by which the environment knows the promise.
    pub(crate) fn number(&self) -> u32 {
        self.number
    }
}

impl<T: IntoJs> Drop for Settler<T> {
    fn drop(&mut self) {
        if let Some(deferred) = self.deferred.take() {
            // A task that is dropped has been stopped, unless it is a panic that drops it.
            let error = match std::thread::panicking() {
                true => Error::internal("the call panicked; this is a bug in GraphBit"),
                false => Error::new(ErrorCode::Cancelled, "cancelled by the caller"),
            };
            let number = self.number;
            let _ = self.queue.post(Box::new(move |scope| finish::<T>(scope, number, deferred, Err(error))));
        }
    }
}

/// Lets the end of the environment stop what a promise waits for.
pub(crate) fn arm(env: &Env, number: u32, stop: Stop) -> napi::Result<()> {
    EventLoop::current(Scope(env.raw()))?.pending.arm(number, stop);
    Ok(())
}

fn finish<T: IntoJs>(scope: Scope, number: u32, deferred: Deferred, outcome: Result<T>) {
    // Whatever goes wrong in here, the deferred is settled below.
    let made = catch_unwind(AssertUnwindSafe(|| match outcome.map(|value| value.into_js(scope)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => {
            let error = Error::internal("a result could not be handed to JavaScript").caused_by(error);
            // What a conversion threw is the better reason.
            Err(scope.take_exception().map_or_else(|| error::object(scope, &error), Ok))
        }
        Err(error) => Err(error::object(scope, &error)),
    }));
    let thrown = scope.take_exception(); // none may be pending when a promise settles
    let fallback = || thrown.or_else(|| scope.undefined().ok()).unwrap_or(ptr::null_mut());
    // SAFETY: the deferred is used once: it was moved here. The values are of this scope.
    let _ = unsafe {
        match made {
            Ok(Ok(value)) => sys::napi_resolve_deferred(scope.0, deferred.0, value),
            Ok(Err(Ok(object))) => sys::napi_reject_deferred(scope.0, deferred.0, object),
            Ok(Err(Err(_))) | Err(_) => sys::napi_reject_deferred(scope.0, deferred.0, fallback()),
        }
    };
    if let Ok(current) = EventLoop::current(scope) {
        current.end(number); // after the settling, which whoever waits for idleness must see
    }
}
