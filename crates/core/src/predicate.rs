//! A test of a JSON value that is data itself: it can be stored, drawn and evaluated anywhere. What is tested (a node's
//! output, its input) is for whoever holds the predicate.

mod compare;
mod json;
mod operator;
#[cfg(test)]
pub(crate) mod tests;

use std::fmt;

use serde_json::Value;

pub(crate) use compare::number;
pub use operator::Operator;

use crate::{Path, Result};

/// A test of a JSON value. In JSON, with what each holds for:
///
/// | JSON | holds for |
/// |---|---|
/// | `{"path": "a.b", "equals": v}` | a value that is `v`; numbers are compared by what they count (1 is 1.0) |
/// | `notEquals` | everything else, also where the path leads nowhere |
/// | `greater`, `greaterOrEqual`, `less`, `lessOrEqual` | two numbers, or two texts by their characters |
/// | `{"in": [v, w]}` | a value that is one of them |
/// | `contains` | a text with that text in it, a list with that value, an object with a field of that name |
/// | `{"exists": true}` or `false` | a path that leads somewhere, be it to null, or nowhere |
/// | `{"all": […]}`, `{"any": […]}`, `{"not": …}` | what the predicates inside say together |
/// | anything else | a value that equals it |
///
/// `path` may be left out of each test: the whole value is tested then. A value of another type than the operator
/// expects fails the test; nothing is ever an error.
///
/// ```
/// use graphbit_core::{Operator, Predicate};
/// use serde_json::json;
///
/// let good: Predicate = serde_json::from_value(json!({ "all": [
///     { "path": "score", "greaterOrEqual": 8 },
///     { "not": { "path": "tags", "contains": "draft" } },
/// ]})).unwrap();
/// assert_eq!(good, Predicate::All(vec![
///     Predicate::at("score", Operator::GreaterOrEqual(json!(8)))?,
///     Predicate::not(Predicate::at("tags", Operator::Contains(json!("draft")))?),
/// ]));
/// assert!(good.test(&json!({ "score": 9, "tags": [] })));
/// assert!(!good.test(&json!({ "score": "9", "tags": [] })));
///
/// let urgent: Predicate = serde_json::from_value(json!("urgent")).unwrap();
/// assert_eq!(urgent, Predicate::equals("urgent"));
/// # Ok::<(), graphbit_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Predicate {
    /// An operator on the value, or on what a path into it leads to.
    Test {
        /// Where to look; `None` is the whole value.
        path: Option<Path>,
        /// What to look for.
        operator: Operator,
    },
    /// Holds when all of these hold; without any, always.
    All(Vec<Self>),
    /// Holds when one of these holds; without any, never.
    Any(Vec<Self>),
    /// Holds when this does not.
    Not(Box<Self>),
}

impl Predicate {
    /// Holds for this value.
    pub fn equals(value: impl Into<Value>) -> Self {
        Self::whole(Operator::Equals(value.into()))
    }

    /// An operator on the whole value.
    pub fn whole(operator: Operator) -> Self {
        Self::Test { path: None, operator }
    }

    /// An operator on what a path leads to.
    ///
    /// # Errors
    /// `INVALID_INPUT` as [`Path::parse`].
    pub fn at(path: &str, operator: Operator) -> Result<Self> {
        Ok(Self::Test { path: Some(Path::parse(path)?), operator })
    }

    /// The opposite.
    #[expect(clippy::should_implement_trait, reason = "it makes a predicate, it does not evaluate one")]
    pub fn not(predicate: Self) -> Self {
        Self::Not(Box::new(predicate))
    }

    /// Whether it holds for a value.
    pub fn test(&self, value: &Value) -> bool {
        match self {
            Self::Test { path: None, operator } => operator.test(Some(value)),
            Self::Test { path: Some(path), operator } => operator.test(path.find(value)),
            Self::All(all) => all.iter().all(|predicate| predicate.test(value)),
            Self::Any(any) => any.iter().any(|predicate| predicate.test(value)),
            Self::Not(not) => !not.test(value),
        }
    }
}

/// As people read it: `score ≥ 8 and not (tags contains "draft")`.
impl fmt::Display for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, all: &[Self], word: &str, none: &str| {
            if all.is_empty() {
                return f.write_str(none);
            }
            for (number, predicate) in all.iter().enumerate() {
                if number > 0 {
                    write!(f, " {word} ")?;
                }
                match predicate {
                    Self::All(_) | Self::Any(_) => write!(f, "({predicate})")?,
                    _ => write!(f, "{predicate}")?,
                }
            }
            Ok(())
        };
        match self {
            Self::Test { path: Some(path), operator } => write!(f, "{path} {operator}"),
            Self::Test { path: None, operator: Operator::Equals(value) } => write!(f, "{value}"),
            Self::Test { path: None, operator } => write!(f, "{operator}"),
            Self::All(all) => list(f, all, "and", "always"),
            Self::Any(any) => list(f, any, "or", "never"),
            Self::Not(not) => write!(f, "not ({not})"),
        }
    }
}
