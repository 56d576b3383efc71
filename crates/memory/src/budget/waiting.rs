//! Who waits for room, and when it is looked whether there is some.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use super::{Budget, Inner, Pressure};
use crate::allocator::Switched;

static WAITERS: Mutex<Vec<Waiter>> = Mutex::new(Vec::new());
/// As many as there are `WAITERS`, to be read without their lock.
static WAITING: AtomicUsize = AtomicUsize::new(0);

struct Waiter {
    /// Of the future that waits: one that is dropped takes its waiter along.
    key: Arc<()>,
    budget: Budget,
    waker: Waker,
}

/// Done when a budget and those above it are below their soft limits; made by [`Budget::below_soft`].
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct BelowSoft {
    budget: Budget,
    key: Arc<()>,
}

impl BelowSoft {
    pub(super) fn new(budget: Budget) -> Self {
        Self { budget, key: Arc::new(()) }
    }

    /// Takes the waiter out; it is dropped where nothing is locked, since that may close an account.
    fn forget(&self) {
        let waiter = {
            let mut waiters = waiters();
            let found = waiters.iter().position(|waiter| Arc::ptr_eq(&waiter.key, &self.key));
            let waiter = found.map(|index| waiters.swap_remove(index));
            WAITING.store(waiters.len(), Relaxed);
            waiter
        };
        drop(waiter);
    }
}

impl Future for BelowSoft {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.budget.check() == Pressure::Fine {
            return Poll::Ready(());
        }
        self.forget();
        let waiter = Waiter { key: self.key.clone(), budget: self.budget.clone(), waker: cx.waker().clone() };
        {
            let _aside = Switched::to(0); // the list is nobody's in particular
            let mut waiters = waiters();
            waiters.push(waiter);
            WAITING.store(waiters.len(), Relaxed);
        }
        // What became free between the check and the entry woke nobody.
        if self.budget.check() == Pressure::Fine { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Drop for BelowSoft {
    fn drop(&mut self) {
        self.forget();
    }
}

/// Wakes those whose budgets are below their soft limits. One load while nobody waits.
#[inline]
pub(crate) fn look_at_waiting() {
    if WAITING.load(Relaxed) > 0 {
        wake_waiting();
    }
}

#[cold]
#[inline(never)]
fn wake_waiting() {
    let ready: Vec<Waiter> = {
        let _aside = Switched::to(0);
        let mut waiters = waiters();
        let mut last = None;
        let ready = waiters.extract_if(.., |waiter| is_below(&waiter.budget, &mut last)).collect();
        WAITING.store(waiters.len(), Relaxed);
        ready
    };
    for waiter in ready {
        waiter.waker.wake();
    }
}

/// Remembers the last answer, because mostly many wait for the same budget.
fn is_below(budget: &Budget, last: &mut Option<(*const Inner, bool)>) -> bool {
    let this = Arc::as_ptr(&budget.0);
    match *last {
        Some((seen, below)) if seen == this => below,
        _ => {
            let below = budget.check() == Pressure::Fine;
            *last = Some((this, below));
            below
        }
    }
}

fn waiters() -> MutexGuard<'static, Vec<Waiter>> {
    WAITERS.lock().unwrap_or_else(PoisonError::into_inner)
}
