//! Here no tracking allocator is installed; `tests/it` holds the tests with one.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use super::{Account, Scope, accounts};

#[test]
fn figures_are_absent_without_the_allocator() {
    let account = Account::open("uncounted");
    let _scope = account.enter();
    drop(vec![0_u8; 1000]);
    assert_eq!((account.live_bytes(), account.peak_bytes(), account.allocations()), (None, None, None));
    assert_eq!(Account::shared().live_bytes(), None);
    assert_eq!(accounts(), None);
}

#[test]
fn the_current_account_is_that_of_the_innermost_scope() {
    let (outer, inner) = (Account::open("outer"), Account::open("inner"));
    assert_eq!(Account::current().tag, super::SHARED);
    let _outer = outer.enter();
    {
        let _inner = inner.enter();
        assert_eq!(Account::current().tag, inner.tag);
        let _shared = Scope::shared();
        assert_eq!(Account::current().tag, super::SHARED);
    }
    assert_eq!(Account::current().tag, outer.tag);
}

#[test]
fn a_wrapped_future_gives_its_output_and_may_move_between_threads() {
    fn is_send<T: Send>(value: T) -> T {
        value
    }
    let mut future = is_send(Account::open("future").wrap(async { 7 }));
    let mut cx = Context::from_waker(Waker::noop());
    assert_eq!(Pin::new(&mut future).poll(&mut cx), Poll::Ready(7));
    assert_eq!(Pin::new(&mut future).poll(&mut cx), Poll::Pending);
    assert!(future.with(|_| ()).is_none());
}
