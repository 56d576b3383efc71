use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Operator, Predicate};

fn read(json: Value) -> Predicate {
    serde_json::from_value(json).unwrap()
}

fn holds(predicate: Value, value: &Value) -> bool {
    read(predicate).test(value)
}

#[test]
fn operators_compare_values_of_one_type_and_fail_for_others() {
    let value = json!({ "n": 5, "f": 5.0, "t": "mild", "l": [1, { "a": 1 }], "z": null, "o": { "k": 1 } });
    for (predicate, expected) in [
        (json!({ "path": "n", "equals": 5.0 }), true),
        (json!({ "path": "f", "in": [4, 5] }), true),
        (json!({ "path": "n", "equals": "5" }), false),
        (json!({ "path": "n", "notEquals": "5" }), true),
        (json!({ "path": "x", "notEquals": 1 }), true),
        (json!({ "path": "x", "equals": null }), false),
        (json!({ "path": "z", "equals": null }), true),
        (json!({ "path": "n", "greater": 4.9 }), true),
        (json!({ "path": "n", "greater": 5 }), false),
        (json!({ "path": "n", "greaterOrEqual": 5 }), true),
        (json!({ "path": "n", "less": "9" }), false),
        (json!({ "path": "t", "less": "n" }), true),
        (json!({ "path": "t", "lessOrEqual": "mild" }), true),
        (json!({ "path": "x", "less": 9 }), false),
        (json!({ "path": "t", "contains": "il" }), true),
        (json!({ "path": "t", "contains": 1 }), false),
        (json!({ "path": "l", "contains": { "a": 1.0 } }), true),
        (json!({ "path": "o", "contains": "k" }), true),
        (json!({ "path": "n", "contains": 5 }), false),
        (json!({ "path": "z", "exists": true }), true),
        (json!({ "path": "l.7", "exists": true }), false),
        (json!({ "path": "l.7", "exists": false }), true),
        (json!({ "path": "l.1.a", "equals": 1 }), true),
        (json!({ "contains": "n" }), true),
        (json!({ "all": [] }), true),
        (json!({ "any": [] }), false),
        (json!({ "any": [{ "path": "n", "equals": 1 }, { "not": { "path": "t", "equals": "hot" } }] }), true),
        (json!({ "all": [{ "path": "n", "equals": 5 }, { "path": "t", "equals": "hot" }] }), false),
    ] {
        assert_eq!(holds(predicate.clone(), &value), expected, "{predicate}");
    }
}

#[test]
fn what_is_no_predicate_is_a_value_to_equal() {
    for value in [json!("a"), json!(null), json!(3), json!([1]), json!({ "color": "red" }), json!({})] {
        assert_eq!(read(value.clone()), Predicate::equals(value.clone()));
        assert!(holds(value.clone(), &value));
    }
    assert!(holds(json!({ "equals": { "path": "x" } }), &json!({ "path": "x" })));
}

#[test]
fn what_looks_like_a_predicate_and_is_none_is_refused() {
    for (json, says) in [
        (json!({ "path": "a", "equal": 1 }), "no operator \"equal\"; did you mean \"equals\"?"),
        (json!({ "path": "a" }), "needs an operator"),
        (json!({ "path": 1, "equals": 1 }), "\"path\" is a text"),
        (json!({ "path": "a..b", "equals": 1 }), "empty part"),
        (json!({ "greater": 1, "less": 3 }), "has \"greater\" and \"less\"; combine two"),
        (json!({ "in": 3 }), "\"in\" is a list"),
        (json!({ "exists": 3 }), "true or false"),
        (json!({ "all": {} }), "\"all\" is a list"),
        (json!({ "path": "a", "not": 1 }), "\"not\" takes no path"),
        (json!({ "any": [{ "path": "a" }] }), "needs an operator"),
    ] {
        let error = serde_json::from_value::<Predicate>(json).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn people_can_read_it() {
    let all = json!({ "all": [
        { "path": "score", "greaterOrEqual": 8 },
        { "any": ["x", { "in": [1, 2] }] },
        { "not": { "path": "tags", "contains": "draft" } },
        { "path": "a.b", "exists": false },
    ]});
    assert_eq!(
        read(all).to_string(),
        r#"score ≥ 8 and ("x" or in 1, 2) and not (tags contains "draft") and a.b does not exist"#
    );
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3_i64..3).prop_map(Value::from),
        "[a-c]{0,2}".prop_map(Value::from),
        Just(json!({ "path": "a" })),
    ];
    leaf.prop_recursive(2, 6, 3, |inner| prop::collection::vec(inner, 0..3).prop_map(Value::from))
}

/// Predicates of every form.
pub(crate) fn predicates() -> impl Strategy<Value = Predicate> {
    let operators = prop_oneof![
        values().prop_map(Operator::Equals),
        values().prop_map(Operator::NotEquals),
        values().prop_map(Operator::Greater),
        values().prop_map(Operator::GreaterOrEqual),
        values().prop_map(Operator::Less),
        values().prop_map(Operator::LessOrEqual),
        prop::collection::vec(values(), 0..3).prop_map(Operator::In),
        values().prop_map(Operator::Contains),
        any::<bool>().prop_map(Operator::Exists),
    ];
    let tests = (prop::option::of("[a-c0](\\.[a-c0]){0,2}"), operators).prop_map(|(path, operator)| {
        path.map_or(Predicate::whole(operator.clone()), |path| Predicate::at(&path, operator).unwrap())
    });
    tests.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Predicate::All),
            prop::collection::vec(inner.clone(), 0..3).prop_map(Predicate::Any),
            inner.prop_map(Predicate::not),
        ]
    })
}

proptest! {
    #[test]
    fn a_predicate_comes_back_and_tests_anything(predicate in predicates(), value in values()) {
        let json = serde_json::to_value(&predicate).unwrap();
        let back: Predicate = serde_json::from_value(json).unwrap();
        prop_assert_eq!(&back, &predicate);
        prop_assert_eq!(back.test(&value), predicate.test(&value));
        prop_assert_ne!(Predicate::not(back).test(&value), predicate.test(&value));
        prop_assert!(!predicate.to_string().is_empty());
    }
}
