//! What one part of an account's work moved. A program of its own: the threads of other tests use up the places in which a
//! thread counts alone.

use std::alloc::System;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use graphbit_memory::{Account, Measured, Moved, Scope};

use graphbit_memory::Tracking;

#[global_allocator]
static ALLOCATOR: Tracking<System> = Tracking::new(System);

/// Pending once.
#[derive(Default)]
struct Yield(bool);

impl Future for Yield {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) { Poll::Ready(()) } else { Poll::Pending }
    }
}

async fn answer(kept: usize, passing: usize) -> Vec<u8> {
    let scratch = vec![1_u8; passing];
    Yield::default().await;
    let answer = vec![2_u8; kept];
    drop(scratch);
    {
        let _pool = Scope::shared();
        std::hint::black_box(vec![3_u8; 777]); // somebody else's
    }
    answer
}

/// Polled to its end within the account, with work of the account's own in between.
fn finish<F: Future>(account: &Account, mut future: Measured<F>) -> (F::Output, Moved, Vec<u8>) {
    let mut cx = Context::from_waker(Waker::noop());
    let mut besides = Vec::new();
    loop {
        let _scope = account.enter();
        if let Poll::Ready((output, moved)) = Pin::new(&mut future).poll(&mut cx) {
            return (output, moved, besides);
        }
        besides = vec![0_u8; 5000];
    }
}

#[test]
fn a_part_of_the_work_is_told_from_the_rest() {
    // Also where the account's counters are not among the first.
    let others: Vec<Account> = (0..300).map(|_| Account::open("other")).collect();
    for account in [Account::open("near or far"), others[3].clone()] {
        let future = {
            let _scope = account.enter();
            Account::measure(answer(1234, 400))
        };
        let (output, moved, besides) = finish(&account, future);
        assert_eq!((output.len(), moved.left_bytes()), (1234, 1234), "{moved:?}");
        assert!(moved.allocated_bytes >= 1234 + 400 && moved.allocated_bytes < 3000, "{moved:?}");
        assert_eq!(account.live_bytes(), Some(1234 + besides.len() as u64));
    }
}

#[test]
fn one_that_frees_what_it_was_given_leaves_nothing() {
    let account = Account::open("eater");
    let given = {
        let _scope = account.enter();
        vec![0_u8; 10_000]
    };
    let future = {
        let _scope = account.enter();
        Account::measure(async move { given.len() })
    };
    let (length, moved, _) = finish(&account, future);
    assert_eq!((length, moved.left_bytes(), account.live_bytes()), (10_000, 0, Some(0)));
}
