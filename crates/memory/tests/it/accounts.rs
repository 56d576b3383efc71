//! Accounts from opening to reuse.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use graphbit_memory::{Account, AccountStats, Scope, accounts, accounts_refused};

use crate::alone;

/// What a thread may allocate and then resize or free within a scope that is looked at from outside.
const STEP: u64 = 64 << 10;

fn listed(name: &str) -> Option<AccountStats> {
    accounts().unwrap().into_iter().find(|account| &*account.name == name)
}

fn live(account: &Account) -> u64 {
    account.live_bytes().unwrap()
}

#[test]
fn scopes_nest_and_end_in_the_outer_account() {
    let _alone = alone();
    let (outer, inner) = (Account::open("outer"), Account::open("inner"));
    let blocks = {
        let _outer = outer.enter();
        let first = vec![0_u8; 100];
        let (second, third) = {
            let _inner = inner.enter();
            let second = vec![0_u8; 20];
            let _transport = Scope::shared();
            (second, vec![0_u8; 7])
        };
        (first, second, third, vec![0_u8; 1000])
    };
    assert_eq!((live(&outer), live(&inner)), (1100, 20));
    drop(blocks);
    assert_eq!((live(&outer), live(&inner)), (0, 0));
}

#[test]
fn a_panic_ends_the_scopes_it_unwinds() {
    let _alone = alone();
    let (outer, inner) = (Account::open("outer"), Account::open("inner"));
    let _scope = outer.enter();
    let unwound = catch_unwind(AssertUnwindSafe(|| {
        let _scope = inner.enter();
        let _kept = Vec::<u8>::with_capacity(50);
        std::panic::resume_unwind(Box::new(7_u64)); // without the hook, which would allocate for good
    }));
    let block = vec![1_u8; 30];
    assert_eq!((live(&outer), live(&inner)), (30, 8));
    drop(unwound);
    drop(block);
    assert_eq!((live(&outer), live(&inner)), (0, 0));
}

#[test]
fn the_current_account_can_be_handed_to_another_thread() {
    let _alone = alone();
    let account = Account::open("handed over");
    let held = {
        let _scope = account.enter();
        let current = Account::current();
        thread::scope(|scope| {
            let _outside = Scope::shared();
            scope
                .spawn(move || {
                    let _scope = current.enter();
                    vec![0_u8; 123]
                })
                .join()
                .unwrap()
        })
    };
    assert_eq!(live(&account), 123);
    drop(held);
    assert_eq!(live(&account), 0);
    let shared = Account::current();
    assert!(shared.live_bytes() > account.live_bytes());
}

#[test]
fn the_peak_is_known_within_its_step() {
    let _alone = alone();
    let account = Account::open("peak");
    for (blocks, size) in [(100, 1000), (1000, 1000), (10, 1_000_000)] {
        let total = blocks * size;
        {
            let _scope = account.enter();
            let held: Vec<Vec<u8>> = (0..blocks).map(|_| Vec::with_capacity(size)).collect();
            drop(held);
        }
        let (total, peak) = (total as u64, account.peak_bytes().unwrap());
        assert!(peak + (total / 16).max(STEP) >= total, "{peak} of {total}");
        assert!(peak <= total + blocks as u64 * 24, "{peak} of {total}");
    }
    assert_eq!(live(&account), 0);
}

#[test]
fn blocks_outlive_their_account_and_its_place_is_used_again_when_they_are_gone() {
    let _alone = alone();
    let account = Account::open("outlived");
    let mut block = {
        let _scope = account.enter();
        vec![0_u8; 500]
    };
    drop(account);
    let successors: Vec<Account> = (0..50).map(|_| Account::open("successor")).collect();
    assert!(successors.iter().all(|account| account.live_bytes() == Some(0)));
    block.reserve_exact(700);
    let stats = listed("outlived").unwrap();
    assert_eq!(
        (stats.open, stats.live_bytes, stats.allocations, stats.allocated_bytes),
        (false, 1200, 1, 1200)
    );
    drop(block);
    assert_eq!(listed("outlived"), None);
    assert!(successors.iter().all(|account| account.live_bytes() == Some(0)));
}

#[test]
fn an_account_begins_anew_in_a_place_that_was_used() {
    let _alone = alone();
    for _ in 0..100 {
        let account = Account::open("again");
        assert_eq!(
            (account.live_bytes(), account.peak_bytes(), account.allocations()),
            (Some(0), Some(0), Some(0))
        );
        let _scope = account.enter();
        let block = vec![0_u8; 100_000];
        assert_eq!(account.peak_bytes(), Some(100_000));
        assert_eq!(listed("again").map(|account| account.allocated_bytes >= 100_000), Some(true));
        drop(block);
        assert_eq!(account.allocations().map(|count| count >= 1), Some(true));
    }
}

#[test]
fn without_room_the_shared_account_pays_and_that_is_counted() {
    let _alone = alone();
    let before = accounts_refused();
    let mut open: Vec<Account> = Vec::with_capacity(20_000);
    while accounts_refused() == before {
        open.push(Account::open("one of many"));
    }
    let refused = open.pop().unwrap();
    assert!(open.len() > 16_000);
    assert_eq!((refused.live_bytes(), refused.peak_bytes(), refused.allocations()), (None, None, None));
    let shared = live(&Account::shared());
    let block = {
        let _scope = refused.enter();
        vec![0_u8; 1 << 20]
    };
    assert!(live(&Account::shared()) >= shared + (1 << 20));
    drop(block);

    // The last ones lie where a thread has to look twice.
    let last = open.last().unwrap();
    let block = {
        let _scope = last.enter();
        vec![0_u8; 77]
    };
    assert_eq!(live(last), 77);
    thread::spawn(move || drop(block)).join().unwrap();
    assert_eq!(live(last), 0);

    drop(open);
    let reopened = Account::open("room again");
    assert_eq!((reopened.live_bytes(), accounts_refused()), (Some(0), before + 1));
}

#[test]
fn threads_without_a_place_of_their_own_charge_the_right_account() {
    let _alone = alone();
    let account = Account::open("crowded");
    let blocks: Vec<Vec<u8>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..300)
            .map(|_| {
                scope.spawn(|| {
                    let _scope = account.enter();
                    let mut block = Vec::with_capacity(1000);
                    graphbit_memory::leave_thread();
                    block.reserve_exact(2000);
                    drop(vec![0_u8; 50]);
                    block
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!((live(&account), account.allocations()), (300 * 2000, Some(600)));
    drop(blocks);
    assert_eq!(live(&account), 0);
}
