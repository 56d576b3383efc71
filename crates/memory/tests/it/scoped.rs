//! Futures that work for an account, whoever polls them.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::thread;

use graphbit_memory::{Account, Scoped};

use crate::alone;

/// Pending once.
struct Yield(bool);

impl Future for Yield {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) { Poll::Ready(()) } else { Poll::Pending }
    }
}

fn poll<F: Future>(future: &mut Scoped<F>) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
}

async fn collect(steps: usize) -> Vec<Vec<u8>> {
    let mut kept = Vec::with_capacity(steps);
    for _ in 0..steps {
        kept.push(vec![0; 1000]);
        let passing = vec![0_u8; 64];
        Yield(false).await;
        drop(passing);
    }
    kept
}

const KEPT: u64 = 5 * 1000 + 5 * size_of::<Vec<u8>>() as u64;

#[test]
fn a_future_charges_its_account_on_whatever_thread_it_is_polled() {
    let _alone = alone();
    let (account, other) = (Account::open("future"), Account::open("threads"));
    let mut future = account.wrap(collect(5));
    let framed = account.live_bytes().unwrap();
    assert!(framed >= size_of_val(&collect(5)) as u64);
    for step in 1..=5 {
        future = thread::scope(|scope| {
            let poll = || {
                let _scope = other.enter();
                assert!(poll(&mut future).is_pending());
                future
            };
            scope.spawn(poll).join().unwrap()
        });
        let kept = 5 * size_of::<Vec<u8>>() as u64 + step * 1000;
        assert_eq!(account.live_bytes(), Some(framed + kept + 64));
    }
    let Poll::Ready(kept) = poll(&mut future) else { panic!("it has no more steps") };
    assert_eq!(account.live_bytes(), Some(KEPT), "the frame is gone with the last step");
    assert!(poll(&mut future).is_pending());
    drop(kept);
    assert_eq!((account.live_bytes(), other.live_bytes()), (Some(0), Some(0)));
}

#[test]
fn a_future_that_is_dropped_gives_everything_back_and_ends_in_its_account() {
    struct Last(Account, Vec<u8>);
    impl Drop for Last {
        fn drop(&mut self) {
            let before = self.0.live_bytes().unwrap();
            let _copy = self.1.clone();
            assert_eq!(self.0.live_bytes(), Some(before + self.1.len() as u64));
        }
    }
    let _alone = alone();
    let account = Account::open("dropped");
    let last = Last(account.clone(), vec![0; 500]);
    let mut future = account.wrap(async move {
        let _last = last;
        let _held = collect(3).await;
    });
    assert!(poll(&mut future).is_pending());
    thread::spawn(move || drop(future)).join().unwrap();
    assert_eq!(account.live_bytes(), Some(0));
}

#[test]
fn what_is_no_future_is_visited_in_its_account() {
    let _alone = alone();
    let account = Account::open("stream");
    let mut items = account.wrap((0..3).map(|size| vec![0_u8; size * 100]));
    let framed = account.live_bytes().unwrap();
    let item = items.with(|items| items.get_mut().nth(2)).unwrap();
    assert_eq!((item.map(|item| item.len()), account.live_bytes()), (Some(200), Some(framed)));
    let item = account.wrap(()).with(|_| vec![0_u8; 10]);
    assert_eq!(items.account().live_bytes(), Some(framed + 10));
    drop((items, item));
    assert_eq!(account.live_bytes(), Some(0));
}
