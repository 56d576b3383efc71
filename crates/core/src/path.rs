//! The way into a JSON value, written as in templates: field names and list positions with dots between them.

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Error, Result};

/// A path such as `customer.addresses.0.city`. White space around its parts does not count.
///
/// ```
/// use graphbit_core::Path;
/// use serde_json::json;
///
/// let path = Path::parse("items.1.title")?;
/// let value = json!({ "items": [{ "title": "a" }, { "title": "b" }] });
/// assert_eq!(path.find(&value), Some(&json!("b")));
/// assert_eq!(Path::parse("items.2")?.find(&value), None);
/// # Ok::<(), graphbit_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Path(Arc<str>);

impl Path {
    /// Reads a path.
    ///
    /// # Errors
    /// `INVALID_INPUT` for a path that is empty or has an empty part.
    pub fn parse(text: impl Into<Arc<str>>) -> Result<Self> {
        let text = text.into();
        if text.split('.').any(|part| part.trim().is_empty()) {
            return Err(Error::invalid_input(format!(
                "the path \"{text}\" has an empty part; write names with one dot between two, as in customer.name"
            )));
        }
        Ok(Self(text))
    }

    /// The path as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the path leads to; `None` where it leads nowhere.
    pub fn find<'a>(&self, value: &'a Value) -> Option<&'a Value> {
        self.0.split('.').try_fold(value, |value, part| member(value, part.trim()))
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Path {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        Self::parse(text)
    }
}

impl From<Path> for String {
    fn from(path: Path) -> Self {
        path.0.as_ref().to_owned()
    }
}

/// A field of an object, or a position of a list.
pub(crate) fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    match value {
        Value::Object(fields) => fields.get(name),
        Value::Array(items) => name.parse().ok().and_then(|position: usize| items.get(position)),
        _ => None,
    }
}
