//! Work whose memory outlives whoever causes it: connections, pools, caches, tables that are made once. A program that
//! attributes memory says how such work is kept apart; without that, it is simply done.

#[cfg(test)]
mod tests;

use std::future::Future;
use std::pin::Pin;
use std::sync::OnceLock;
use std::task::{Context, Poll};

/// Does the work that it is given, once, apart from the caller's.
pub type Apart = fn(&mut dyn FnMut());

static APART: OnceLock<Apart> = OnceLock::new();

/// Says how work is kept apart, for the whole process, as an allocator is. Only the first one counts.
pub fn keep_apart(apart: Apart) {
    let _ = APART.set(apart);
}

/// Whether somebody has said how.
pub fn is_kept_apart() -> bool {
    APART.get().is_some()
}

/// Does work apart from the caller's. What it returns was allocated apart, too.
pub fn apart<T>(work: impl FnOnce() -> T) -> T {
    let Some(apart) = APART.get() else { return work() };
    let (mut work, mut done) = (Some(work), None);
    apart(&mut || done = work.take().map(|work| work()));
    // Where it was not done, it is done here.
    match done.or_else(|| work.take().map(|work| work())) {
        Some(done) => done,
        None => unreachable!("work is taken only to be done, and a panic in it passes through"),
    }
}

/// A future that is polled, and dropped, apart from the caller's work.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct PolledApart<F>(Option<Pin<Box<F>>>);

impl<F: Future> PolledApart<F> {
    /// Makes a future and boxes it, apart.
    pub fn new(make: impl FnOnce() -> F) -> Self {
        Self(apart(|| Some(Box::pin(make()))))
    }
}

impl<F: Future> Future for PolledApart<F> {
    type Output = F::Output;

    /// Polled again when it is done, it stays pending.
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let inner = &mut self.0;
        apart(|| {
            let polled = inner.as_mut().map_or(Poll::Pending, |inner| inner.as_mut().poll(cx));
            if polled.is_ready() {
                *inner = None;
            }
            polled
        })
    }
}

impl<F> Drop for PolledApart<F> {
    fn drop(&mut self) {
        if let Some(inner) = self.0.take() {
            apart(|| drop(inner));
        }
    }
}
