//! What a test looks for.

use std::cmp::Ordering;
use std::fmt;

use serde_json::Value;

use super::compare::{order, same};

/// The operator of a test, with what it compares to. [`Predicate`](super::Predicate) says what each holds for.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the table at Predicate says what each holds for")]
pub enum Operator {
    Equals(Value),
    NotEquals(Value),
    Greater(Value),
    GreaterOrEqual(Value),
    Less(Value),
    LessOrEqual(Value),
    In(Vec<Value>),
    Contains(Value),
    Exists(bool),
}

impl Operator {
    /// Whether it holds for a value, or for the lack of one.
    pub(super) fn test(&self, found: Option<&Value>) -> bool {
        let compares = |to: &Value, wanted: fn(Ordering) -> bool| {
            found.and_then(|value| order(value, to)).is_some_and(wanted)
        };
        match self {
            Self::Equals(value) => found.is_some_and(|found| same(found, value)),
            Self::NotEquals(value) => !found.is_some_and(|found| same(found, value)),
            Self::Greater(value) => compares(value, Ordering::is_gt),
            Self::GreaterOrEqual(value) => compares(value, Ordering::is_ge),
            Self::Less(value) => compares(value, Ordering::is_lt),
            Self::LessOrEqual(value) => compares(value, Ordering::is_le),
            Self::In(values) => found.is_some_and(|found| values.iter().any(|value| same(found, value))),
            Self::Contains(value) => found.is_some_and(|found| contains(found, value)),
            Self::Exists(wanted) => found.is_some() == *wanted,
        }
    }
}

fn contains(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::String(text), Value::String(part)) => text.contains(part),
        (Value::Object(fields), Value::String(name)) => fields.contains_key(name),
        (Value::Array(items), part) => items.iter().any(|item| same(item, part)),
        _ => false,
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Equals(value) => write!(f, "= {value}"),
            Self::NotEquals(value) => write!(f, "≠ {value}"),
            Self::Greater(value) => write!(f, "> {value}"),
            Self::GreaterOrEqual(value) => write!(f, "≥ {value}"),
            Self::Less(value) => write!(f, "< {value}"),
            Self::LessOrEqual(value) => write!(f, "≤ {value}"),
            Self::Contains(value) => write!(f, "contains {value}"),
            Self::Exists(true) => f.write_str("exists"),
            Self::Exists(false) => f.write_str("does not exist"),
            Self::In(values) => {
                f.write_str("in ")?;
                for (number, value) in values.iter().enumerate() {
                    write!(f, "{}{value}", if number == 0 { "" } else { ", " })?;
                }
                Ok(())
            }
        }
    }
}
