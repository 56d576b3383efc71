//! What one part of an account's work allocated and freed.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use crate::allocator::counted;

/// Bytes that one part of the work for an account moved.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Moved {
    /// Allocated; a block that is resized adds the bytes by which it grew.
    pub allocated_bytes: u64,
    /// Freed, whoever had allocated it.
    pub freed_bytes: u64,
}

impl Moved {
    /// What it left behind: for example its output, and what it handed to others that have not freed it. 0 where it freed
    /// more than it allocated.
    pub fn left_bytes(&self) -> u64 {
        self.allocated_bytes.saturating_sub(self.freed_bytes)
    }

    fn add(&mut self, before: Option<(u64, u64)>) {
        if let (Some(before), Some(after)) = (before, counted()) {
            self.allocated_bytes += after.0.wrapping_sub(before.0);
            self.freed_bytes += after.1.wrapping_sub(before.1);
        }
    }
}

/// A boxed future that says at its end what it moved; made by [`Account::measure`](crate::Account::measure).
///
/// It counts what happens while it is polled, its own box included. It may move between threads; a thread that has no
/// counters of its own, of which a process has more than 256 then, adds nothing. Without a tracking allocator all is 0.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Measured<F> {
    /// `None` once it is done.
    inner: Option<Pin<Box<F>>>,
    moved: Moved,
}

impl<F> Measured<F> {
    pub(super) fn new(inner: F) -> Self {
        let (mut moved, before) = (Moved::default(), counted());
        let inner = Some(Box::pin(inner));
        moved.add(before);
        Self { inner, moved }
    }
}

impl<F: Future> Future for Measured<F> {
    type Output = (F::Output, Moved);

    /// Polled again when it is done, it stays pending.
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let before = counted();
        let polled = this.inner.as_mut().map_or(Poll::Pending, |inner| inner.as_mut().poll(cx));
        if polled.is_ready() {
            this.inner = None; // what the future itself took is no part of what it leaves
        }
        this.moved.add(before);
        Poll::Ready((ready!(polled), this.moved))
    }
}
