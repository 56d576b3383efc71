use serde_json::{Value, json};

use super::Reducer;

fn folded(reducer: Reducer, initial: Value, updates: &[Value]) -> Value {
    updates.iter().fold(initial, |mut value, update| {
        reducer.fold(&mut value, update).unwrap();
        value
    })
}

#[test]
fn every_reducer_starts_from_nothing_and_from_a_value() {
    for (reducer, initial, updates, expected) in [
        (Reducer::Replace, json!(1), vec![json!("a"), json!(null)], json!(null)),
        (Reducer::Append, json!(null), vec![json!([1]), json!(2)], json!([[1], 2])),
        (Reducer::Extend, json!([0]), vec![json!([1]), json!([])], json!([0, 1])),
        (Reducer::Sum, json!(null), vec![json!(1), json!(2)], json!(3)),
        (Reducer::Sum, json!(1), vec![json!(0.5)], json!(1.5)),
        (Reducer::Min, json!(null), vec![json!(3), json!(2.5), json!(4)], json!(2.5)),
        (Reducer::Max, json!(3), vec![json!(2.5), json!(4)], json!(4)),
        (
            Reducer::Merge,
            json!(null),
            vec![json!({ "a": 1, "b": 1 }), json!({ "b": 2 })],
            json!({ "a": 1, "b": 2 }),
        ),
        (
            Reducer::Union,
            json!(["a"]),
            vec![json!(["b", "a", "b"]), json!("c"), json!("c")],
            json!(["a", "b", "c"]),
        ),
        (Reducer::Count, json!(null), vec![json!("x"), json!(null)], json!(2)),
    ] {
        assert_eq!(folded(reducer, initial, &updates), expected, "{}", reducer.name());
        assert_eq!(json!(reducer), json!(reducer.name()));
    }
}

#[test]
fn a_sum_beyond_whole_numbers_is_a_real_one() {
    assert_eq!(folded(Reducer::Sum, json!(i64::MAX), &[json!(1)]), json!(i64::MAX as f64 + 1.0));
}

#[test]
fn what_does_not_fit_is_refused_and_changes_nothing() {
    for (reducer, value, update, says) in [
        (
            Reducer::Extend,
            json!([]),
            json!(1),
            "reducer extend takes a list, and what is written is a number",
        ),
        (Reducer::Sum, json!(1), json!("1"), "takes a number, and what is written is text"),
        (Reducer::Merge, json!({}), json!(null), "takes an object, and what is written is null"),
        (Reducer::Append, json!("a"), json!("b"), "takes a list, and the variable is text"),
        (Reducer::Count, json!(true), json!(1), "the variable is true or false"),
    ] {
        let mut changed = value.clone();
        let error = reducer.fold(&mut changed, &update).unwrap_err();
        assert!(error.message().contains(says), "{error}");
        assert_eq!(changed, value);
    }
}
