//! How values that are written to one variable become one.

#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};

use crate::predicate::number;
use crate::{Error, Result};

/// The rule by which an update joins the value of a variable. A variable that is null takes the first update as if it
/// were empty: an empty list, 0, an empty object.
///
/// With `Replace`, `Append` and `Extend` the order of updates shows in the value; nodes that run side by side
/// write in the order in which they end.
///
/// ```
/// use graphbit_core::Reducer;
/// use serde_json::{Value, json};
///
/// let mut value = Value::Null;
/// for update in [json!(3), json!(4)] {
///     Reducer::Sum.fold(&mut value, &update)?;
/// }
/// assert_eq!(value, json!(7));
/// assert!(Reducer::Sum.fold(&mut value, &json!("more")).is_err());
/// # Ok::<(), graphbit_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Reducer {
    /// The update, instead of what was there.
    #[default]
    Replace,
    /// A list with the update as one more item.
    Append,
    /// A list with the items of the update, a list, at its end.
    Extend,
    /// The sum of numbers; whole numbers stay whole as long as they fit into 64 bits.
    Sum,
    /// The least number.
    Min,
    /// The greatest number.
    Max,
    /// An object with the fields of the update, an object; of two fields with one name the newer wins.
    Merge,
    /// A list without repetitions, with the update, or its items if it is a list, at its end.
    Union,
    /// How often something was written.
    Count,
}

impl Reducer {
    /// The reducer's name, as in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Replace => "replace",
            Self::Append => "append",
            Self::Extend => "extend",
            Self::Sum => "sum",
            Self::Min => "min",
            Self::Max => "max",
            Self::Merge => "merge",
            Self::Union => "union",
            Self::Count => "count",
        }
    }

    /// Whether an update can join a value; [`fold`](Reducer::fold) cannot fail then.
    ///
    /// # Errors
    /// `INVALID_INPUT` for a value or an update of a type that the reducer does not take.
    pub fn check(self, value: &Value, update: &Value) -> Result<()> {
        self.check_value(value)?;
        let (fits, wanted) = match self {
            Self::Replace | Self::Append | Self::Union | Self::Count => return Ok(()),
            Self::Extend => (update.is_array(), "a list"),
            Self::Sum | Self::Min | Self::Max => (update.is_number(), "a number"),
            Self::Merge => (update.is_object(), "an object"),
        };
        if fits { Ok(()) } else { Err(self.refuses("what is written", wanted, update)) }
    }

    /// Whether a variable may have a value.
    ///
    /// # Errors
    /// `INVALID_INPUT` for a value of a type that the reducer does not take.
    pub fn check_value(self, value: &Value) -> Result<()> {
        let (fits, wanted) = match self {
            Self::Replace => return Ok(()),
            Self::Append | Self::Extend | Self::Union => (value.is_array(), "a list"),
            Self::Sum | Self::Min | Self::Max | Self::Count => (value.is_number(), "a number"),
            Self::Merge => (value.is_object(), "an object"),
        };
        if fits || value.is_null() { Ok(()) } else { Err(self.refuses("the variable", wanted, value)) }
    }

    /// Joins an update to a value. What is refused changes nothing.
    ///
    /// # Errors
    /// `INVALID_INPUT` as [`check`](Reducer::check).
    pub fn fold(self, value: &mut Value, update: &Value) -> Result<()> {
        self.check(value, update)?;
        match self {
            Self::Replace => *value = update.clone(),
            Self::Append => list(value, |items| items.push(update.clone())),
            Self::Extend => {
                list(value, |items| items.extend(update.as_array().into_iter().flatten().cloned()));
            }
            Self::Union => list(value, |items| unite(items, update)),
            Self::Sum => *value = sum(value, update),
            Self::Count => *value = sum(value, &Value::from(1)),
            Self::Min => keep(value, update, Ordering::Less),
            Self::Max => keep(value, update, Ordering::Greater),
            Self::Merge => {
                if value.is_null() {
                    *value = Value::Object(Map::new());
                }
                if let (Value::Object(fields), Value::Object(new)) = (value, update) {
                    fields.extend(new.iter().map(|(name, field)| (name.clone(), field.clone())));
                }
            }
        }
        Ok(())
    }

    fn refuses(self, what: &str, wanted: &str, value: &Value) -> Error {
        let kind = match value {
            Value::Null => "null",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::String(_) => "text",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        };
        Error::invalid_input(format!("the reducer {} takes {wanted}, and {what} is {kind}", self.name()))
    }
}

/// Changes the items of a list; null becomes an empty one before.
fn list(value: &mut Value, change: impl FnOnce(&mut Vec<Value>)) {
    let mut items = match value.take() {
        Value::Array(items) => items,
        _ => Vec::new(),
    };
    change(&mut items);
    *value = Value::Array(items);
}

/// Equal items have equal texts: the fields of an object are in the order of their names.
fn unite(items: &mut Vec<Value>, update: &Value) {
    let mut seen: HashSet<String> = items.iter().map(Value::to_string).collect();
    let updates = update.as_array().map_or(std::slice::from_ref(update), Vec::as_slice);
    items.extend(updates.iter().filter(|item| seen.insert(item.to_string())).cloned());
}

fn keep(value: &mut Value, update: &Value, wanted: Ordering) {
    let better = match (&*value, update) {
        (Value::Number(value), Value::Number(update)) => number(update, value) == Some(wanted),
        _ => true,
    };
    if better {
        *value = update.clone();
    }
}

fn sum(a: &Value, b: &Value) -> Value {
    let whole = |value: &Value| if value.is_null() { Some(0) } else { value.as_i64() };
    if let Some(sum) = whole(a).and_then(|a| a.checked_add(whole(b)?)) {
        return Value::from(sum);
    }
    let real = |value: &Value| value.as_f64().unwrap_or_default();
    // JSON has no infinity: what overflows is null.
    Number::from_f64(real(a) + real(b)).map_or(Value::Null, Value::Number)
}
