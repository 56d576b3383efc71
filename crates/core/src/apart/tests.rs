use std::cell::Cell;
use std::task::Waker;

use super::*;

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

fn counted(work: &mut dyn FnMut()) {
    DEPTH.set(DEPTH.get() + 1);
    work();
    DEPTH.set(DEPTH.get() - 1);
}

/// Tells where it is polled and dropped.
struct Where<'a> {
    polled: bool,
    seen: &'a Cell<Vec<u32>>,
}

impl Where<'_> {
    fn tell(&self) {
        let mut seen = self.seen.take();
        seen.push(DEPTH.get());
        self.seen.set(seen);
    }
}

impl Future for Where<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        self.tell();
        if std::mem::replace(&mut self.polled, true) { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Drop for Where<'_> {
    fn drop(&mut self) {
        self.tell();
    }
}

#[test]
fn work_is_done_once_and_apart_and_gives_its_value() {
    keep_apart(counted);
    assert!(is_kept_apart());
    assert_eq!(apart(|| (DEPTH.get(), apart(|| DEPTH.get()))), (1, 2));
    assert_eq!(DEPTH.get(), 0);
}

#[test]
fn a_future_is_polled_and_dropped_apart() {
    keep_apart(counted);
    let seen = Cell::default();
    let mut cx = Context::from_waker(Waker::noop());
    let mut finished = PolledApart::new(|| Where { polled: false, seen: &seen });
    assert!(Pin::new(&mut finished).poll(&mut cx).is_pending());
    assert!(Pin::new(&mut finished).poll(&mut cx).is_ready());
    assert_eq!(seen.take(), [1, 1, 1], "polled twice, and dropped at its end");
    assert!(Pin::new(&mut finished).poll(&mut cx).is_pending());
    drop(PolledApart::new(|| Where { polled: false, seen: &seen }));
    assert_eq!(seen.take(), [1], "dropped without having been polled");
}
