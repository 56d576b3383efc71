//! A future or a stream that works for an account.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::Account;

/// A future that is polled, and dropped, within a scope of its account; made by [`Account::wrap`].
///
/// It is boxed, once, in the account: then the run also pays for the frame that holds its state, and the wrapper
/// can be moved whatever the future is. A future that is done is dropped at once; polled again, it stays pending.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Scoped<T> {
    /// `None` once a future is done.
    inner: Option<Pin<Box<T>>>,
    account: Account,
}

impl<T> Scoped<T> {
    pub(super) fn new(account: Account, inner: T) -> Self {
        let inner = {
            let _scope = account.enter();
            Box::pin(inner)
        };
        Self { inner: Some(inner), account }
    }

    /// Calls `visit` with what is wrapped, within the scope. This is how another trait is passed on, for example
    /// `poll_next` of a stream. `None` when a future is done.
    pub fn with<R>(&mut self, visit: impl FnOnce(Pin<&mut T>) -> R) -> Option<R> {
        let inner = self.inner.as_mut()?;
        let _scope = self.account.enter();
        Some(visit(inner.as_mut()))
    }

    /// The account.
    pub fn account(&self) -> &Account {
        &self.account
    }

    fn end(&mut self) {
        let _scope = self.account.enter();
        self.inner = None;
    }
}

impl<F: Future> Future for Scoped<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let output = ready!(self.with(|inner| inner.poll(cx)).unwrap_or(Poll::Pending));
        self.end();
        Poll::Ready(output)
    }
}

impl<T> Drop for Scoped<T> {
    fn drop(&mut self) {
        self.end();
    }
}
