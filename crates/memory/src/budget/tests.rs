//! Here no tracking allocator is installed: budgets go by what was charged. `tests/it` holds the tests with one.

use super::{Budget, Level, Limits, Pressure};
use crate::Category;

fn limits(soft: u64, hard: u64) -> Limits {
    Limits::default().soft(soft).hard(hard)
}

#[test]
fn without_the_allocator_charges_count_up_to_the_process() {
    let process = Budget::process(limits(100, 200));
    let executor = process.group(Limits::default());
    let (first, second) =
        (executor.open("first", Limits::default()), executor.open("second", limits(10, 20)));
    let big = first.ledger().charge(Category::Prompt, 99);
    assert_eq!((first.check(), second.check()), (Pressure::Fine, Pressure::Fine));
    let small = second.ledger().charge(Category::State, 15);
    assert_eq!((second.check(), first.check()), (Pressure::Soft, Pressure::Soft));
    assert_eq!((second.used_bytes(), executor.used_bytes(), process.used_bytes()), (15, 114, 114));
    drop(small);
    assert_eq!(first.check(), Pressure::Fine);
    let _bigger = first.ledger().charge(Category::Response, 102);
    assert!(matches!(second.check(), Pressure::Hard(by) if by.level == Level::Process && by.over_by() == 1));
    drop(big);
    assert_eq!(process.used_bytes(), 102);
}

#[test]
fn a_limit_may_be_reached_but_not_passed() {
    let budget = Budget::process(limits(10, 10));
    assert_eq!(budget.check(), Pressure::Fine);
    let reserved = budget.try_reserve(10).unwrap();
    assert_eq!(budget.check(), Pressure::Soft);
    let exceeded = budget.try_reserve(1).unwrap_err();
    assert_eq!((exceeded.over_by(), budget.used_bytes()), (1, 10));
    drop(reserved);
    assert_eq!(Budget::process(limits(0, 0)).check(), Pressure::Soft);
    assert!(budget.try_reserve(u64::MAX).is_err());
    assert_eq!(budget.used_bytes(), 0);
}

#[test]
fn no_limits_are_never_reached() {
    let budget = Budget::process(Limits::default()).open("free", Limits::default());
    let _reserved = budget.try_reserve(1 << 60).unwrap();
    assert_eq!(budget.check(), Pressure::Fine);
}

#[test]
fn the_message_says_whose_limit_it_is_and_what_to_change() {
    let group = Budget::process(Limits::default()).group(Limits::default().hard(1000));
    let _reserved = group.try_reserve(900).unwrap();
    let text = group.try_reserve(150).unwrap_err().to_string();
    for part in ["all runs of this executor", "1000 bytes", "900 are in use", "150 more", "at least 50 bytes"]
    {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn a_container_s_limit_leaves_room_for_the_rest_of_the_process() {
    assert_eq!(Limits::of_total(1000), limits(700, 850));
    assert!(Limits::of_container().hard.is_none_or(|hard| hard > 0));
}
