//! A run's future, in its account.

use std::cell::Cell;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use graphbit_memory::{Scope, Scoped};

/// A future that works for an account on the threads of a runtime.
#[must_use = "futures do nothing unless polled"]
pub(crate) struct Charged<F>(Scoped<F>);

impl<F> Charged<F> {
    pub(super) fn new(inner: Scoped<F>) -> Self {
        Self(inner)
    }
}

impl<F: Future> Future for Charged<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        prepare_thread();
        Pin::new(&mut self.0).poll(cx)
    }
}

/// Has tokio make its list of those that yield, which stays with the thread and would be the first run's that does.
fn prepare_thread() {
    thread_local! {
        static IS_PREPARED: Cell<bool> = const { Cell::new(false) };
    }
    if !IS_PREPARED.replace(true) {
        let _shared = Scope::shared();
        let _ = pin!(tokio::task::yield_now()).poll(&mut Context::from_waker(Waker::noop()));
    }
}
