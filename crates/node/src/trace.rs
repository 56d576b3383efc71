//! Spans of model calls for JavaScript: who listens, and the way there. What is recorded is for [`spans`]. Spans belong to the
//! process, whose threads all environments share: every listener hears of all of them.

mod outbox;
mod spans;

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use graphbit_core::{Error, Result};
use napi::Env;
use napi_derive::napi;
use tracing::callsite::rebuild_interest_cache;

use crate::error::thrown;
use crate::event_loop::{EventLoop, Queue};
use crate::js::Scope;
use outbox::Outbox;
use spans::Spans;

/// The facades that listen.
static LISTENERS: Mutex<Vec<Arc<Outbox>>> = Mutex::new(Vec::new());

fn listeners() -> MutexGuard<'static, Vec<Arc<Outbox>>> {
    LISTENERS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether spans are wanted at all. Without a listener they are not made.
fn is_wanted() -> bool {
    !listeners().is_empty()
}

/// Tells everybody of a span, as JSON.
fn tell(span: &Arc<str>) {
    let all = listeners().clone();
    for listener in all {
        listener.put(Arc::clone(span));
    }
}

/// Begins or ends to hand spans to a facade.
#[napi(catch_unwind)]
pub fn trace(env: &Env, facade: u32, on: bool) -> napi::Result<()> {
    let queue = Arc::clone(EventLoop::current(Scope(env.raw()))?.queue());
    change(|all| all.retain(|listener| !listener.is_of(&queue, Some(facade))));
    if on {
        install().map_err(|error| thrown(env, &error))?;
        change(|all| all.push(Arc::new(Outbox::new(queue, facade))));
    }
    Ok(())
}

/// An environment ends: nobody listens there any more.
pub(crate) fn forget(queue: &Arc<Queue>) {
    if is_wanted() {
        change(|all| all.retain(|listener| !listener.is_of(queue, None)));
    }
}

fn change(change: impl FnOnce(&mut Vec<Arc<Outbox>>)) {
    /// One change at a time: the last one is what the places of spans are told last.
    static CHANGING: Mutex<()> = Mutex::new(());
    let _one = CHANGING.lock().unwrap_or_else(PoisonError::into_inner);
    let (before, after) = {
        let mut all = listeners();
        let before = all.len();
        change(&mut all);
        (before, all.len())
    };
    if (before == 0) != (after == 0) {
        rebuild_interest_cache(); // it asks us again for each place of a span, so the list must be free
    }
}

/// Makes our subscriber the process's, once. It stays, and wants nothing while nobody listens.
fn install() -> Result<()> {
    static INSTALLED: OnceLock<bool> = OnceLock::new();
    match INSTALLED.get_or_init(|| tracing::subscriber::set_global_default(Spans::default()).is_ok()) {
        true => Ok(()),
        false => Err(Error::config(
            "onTrace cannot listen: the program that hosts GraphBit has a tracing subscriber of its own, which gets the spans",
        )),
    }
}
