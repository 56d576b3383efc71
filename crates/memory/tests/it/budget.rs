//! Budgets over what the allocator counts.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use graphbit_memory::{Account, Budget, Level, Limits, Pressure, Scope};

use crate::alone;

const MIB: u64 = 1 << 20;

fn held(budget: &Budget, bytes: u64) -> Vec<u8> {
    let _scope = budget.account().unwrap().enter();
    Vec::with_capacity(bytes as usize)
}

fn limits(soft: u64, hard: u64) -> Limits {
    Limits::default().soft(soft).hard(hard)
}

#[test]
fn a_run_passes_its_soft_and_its_hard_limit() {
    let _alone = alone();
    let run = Budget::over(Account::open("run"), limits(MIB, 2 * MIB));
    assert_eq!(run.check(), Pressure::Fine);
    let first = held(&run, MIB - 1);
    assert_eq!(run.check(), Pressure::Fine);
    let second = held(&run, MIB + 1);
    assert_eq!((run.check(), run.used_bytes()), (Pressure::Soft, 2 * MIB));
    let third = held(&run, 5);
    let Pressure::Hard(exceeded) = run.check() else { panic!("above the hard limit") };
    assert_eq!((exceeded.level, exceeded.limit_bytes, exceeded.over_by()), (Level::Account, 2 * MIB, 5));
    drop((first, second));
    assert_eq!((run.check(), run.used_bytes()), (Pressure::Fine, 5));
    drop(third);
}

#[test]
fn a_group_adds_up_its_accounts_and_what_closed_ones_left() {
    let _alone = alone();
    let group = Budget::process(Limits::default()).group(limits(3 * MIB, 4 * MIB));
    let (first, second) = (group.open("first", Limits::default()), group.open("second", Limits::default()));
    let stranger = Budget::over(Account::open("stranger"), Limits::default());
    let _strange = held(&stranger, 10 * MIB);
    let left = held(&first, 2 * MIB);
    drop(first);
    assert_eq!((second.check(), group.used_bytes()), (Pressure::Fine, 2 * MIB));
    let more = held(&second, 2 * MIB);
    assert_eq!((second.check(), stranger.check()), (Pressure::Soft, Pressure::Fine));
    let most = held(&second, 1);
    assert!(matches!(second.check(), Pressure::Hard(by) if by.level == Level::Group && by.over_by() == 1));
    drop((most, left));
    assert_eq!((second.check(), group.used_bytes()), (Pressure::Fine, 2 * MIB));
    drop(more);
    assert_eq!(group.used_bytes(), 0);
}

/// The sum is estimated between two looks; the estimate must fall on the right side of the limit whatever happened.
#[test]
fn a_group_answers_rightly_while_others_allocate() {
    let _alone = alone();
    let group = Budget::process(Limits::default()).group(limits(MIB, 2 * MIB));
    let run = group.open("run", Limits::default());
    let mut random = fastrand::Rng::with_seed(1);
    let (mut own, mut others) = (Vec::new(), Vec::new());
    for _ in 0..3000 {
        let bytes = random.u64(1..200_000);
        match random.u8(..4) {
            0 => own.push(held(&run, bytes)),
            1 => others.push(Vec::<u8>::with_capacity(bytes as usize)),
            2 if !own.is_empty() => drop(own.swap_remove(random.usize(..own.len()))),
            _ if !others.is_empty() => drop(others.swap_remove(random.usize(..others.len()))),
            _ => {}
        }
        let used: u64 = own.iter().map(|block| block.capacity() as u64).sum();
        let right = match group.check() {
            Pressure::Fine => used < MIB,
            Pressure::Soft => (MIB..=2 * MIB).contains(&used),
            Pressure::Hard(exceeded) => exceeded.used_bytes == used && used > 2 * MIB,
        };
        assert!(right, "{:?} at {used}", group.check());
    }
}

#[test]
fn the_process_counts_everything_and_what_is_told_it() {
    let _alone = alone();
    let process = Budget::process(Limits::default().hard(1 << 40));
    let run = process.group(Limits::default()).open("run", Limits::default());
    assert!(process.used_bytes() > 0);
    assert_eq!((run.check(), process.level()), (Pressure::Fine, Level::Process));
    process.set_external_bytes(1 << 40);
    assert!(matches!(run.check(), Pressure::Hard(by) if by.level == Level::Process));
    assert_eq!(run.used_bytes(), 0);
    process.set_external_bytes(0);
    assert_eq!(run.check(), Pressure::Fine);
}

#[test]
fn reservations_count_above_too_until_they_are_given_back() {
    let _alone = alone();
    let group = Budget::process(Limits::default()).group(limits(MIB, 2 * MIB));
    let (first, second) = (group.open("first", limits(MIB, MIB)), group.open("second", Limits::default()));
    let refused = first.try_reserve(MIB + 1).unwrap_err();
    assert_eq!((refused.level, refused.used_bytes, refused.asked_bytes), (Level::Account, 0, MIB + 1));
    let mut reserved = first.try_reserve(MIB).unwrap();
    assert_eq!((first.check(), group.used_bytes()), (Pressure::Soft, MIB));
    let refused = second.try_reserve(MIB + 1).unwrap_err();
    assert_eq!((refused.level, refused.over_by(), group.used_bytes()), (Level::Group, 1, MIB));
    reserved.give_back(MIB / 2);
    let block = held(&first, MIB / 2);
    assert_eq!((reserved.bytes(), first.used_bytes(), group.used_bytes()), (MIB / 2, MIB, MIB));
    drop((reserved, block));
    assert_eq!((first.used_bytes(), group.used_bytes()), (0, 0));
    drop(second.try_reserve(2 * MIB).unwrap());
}

#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

#[test]
fn who_waits_is_woken_when_a_scope_ends_below_the_soft_limit() {
    let _alone = alone();
    let group = Budget::process(Limits::default()).group(Limits::default().soft(MIB));
    let (run, next) = (group.open("run", Limits::default()), group.open("next", Limits::default()));
    let count = Arc::new(Count::default());
    let waker = Waker::from(count.clone());
    let mut cx = Context::from_waker(&waker);
    let block = held(&run, MIB);
    let mut waiting = pin!(next.below_soft());
    assert_eq!(waiting.as_mut().poll(&mut cx), Poll::Pending);
    assert_eq!(waiting.as_mut().poll(&mut cx), Poll::Pending);
    drop(Scope::shared());
    assert_eq!(count.0.load(SeqCst), 0, "still above");

    let end = run.account().unwrap().clone();
    thread::spawn(move || {
        let _scope = end.enter();
        drop(block);
    })
    .join()
    .unwrap();
    assert_eq!(count.0.load(SeqCst), 1, "once, however often it was polled");
    assert_eq!(waiting.as_mut().poll(&mut cx), Poll::Ready(()));
}

#[test]
fn who_waits_is_woken_by_reservations_and_charges_too_but_not_after_being_dropped() {
    let _alone = alone();
    let run = Budget::over(Account::open("run"), Limits::default().soft(MIB));
    let count = Arc::new(Count::default());
    let waker = Waker::from(count.clone());
    let mut cx = Context::from_waker(&waker);
    let reserved = run.try_reserve(MIB).unwrap();
    {
        let mut given_up = pin!(run.below_soft());
        assert_eq!(given_up.as_mut().poll(&mut cx), Poll::Pending);
    }
    let mut waiting = pin!(run.below_soft());
    assert_eq!(waiting.as_mut().poll(&mut cx), Poll::Pending);
    drop(reserved);
    assert_eq!(count.0.load(SeqCst), 1);
    assert_eq!(waiting.as_mut().poll(&mut cx), Poll::Ready(()));
}

#[test]
fn limits_may_change_while_somebody_waits() {
    let _alone = alone();
    let process = Budget::process(Limits::default());
    let run = process.open("run", limits(MIB, 2 * MIB));
    let kept = held(&run, MIB);
    let woken = Arc::new(Count::default());
    let waker = Waker::from(Arc::clone(&woken));
    let mut waiting = pin!(run.below_soft());
    assert!(waiting.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    run.set_limits(limits(2 * MIB, 4 * MIB));
    assert_eq!((woken.0.load(SeqCst), run.check()), (1, Pressure::Fine));
    assert!(waiting.as_mut().poll(&mut Context::from_waker(&waker)).is_ready());
    process.set_limits(Limits::default().hard(1));
    assert!(matches!(run.check(), Pressure::Hard(by) if by.level == Level::Process));
    drop(kept);
}
