//! How many calls a pool served at once: about so many connections it left open.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

/// The calls of one pool.
#[derive(Debug, Default)]
pub(super) struct Calls {
    now: AtomicUsize,
    most: AtomicUsize,
}

/// A call, until its reply was read or given up.
#[derive(Debug)]
pub(super) struct Call(Arc<Calls>);

impl Calls {
    pub(super) fn begin(self: &Arc<Self>) -> Call {
        let now = self.now.fetch_add(1, Relaxed) + 1;
        if now > self.most.load(Relaxed) {
            self.most.fetch_max(now, Relaxed);
        }
        Call(Arc::clone(self))
    }

    /// The most there ever were at once.
    pub(super) fn most(&self) -> usize {
        self.most.load(Relaxed)
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Relaxed);
    }
}
