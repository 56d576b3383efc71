//! JSON that somebody else wrote, as text.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

/// A vendor's own object, word for word; `null` where there is none. As text it is one block of memory, as a tree one for each
/// name in it: whoever wants the tree asks for it.
#[derive(Clone, Default)]
pub struct RawJson(String); // valid JSON, or empty where there is none

impl RawJson {
    /// The text.
    pub fn get(&self) -> &str {
        if self.0.is_empty() { "null" } else { &self.0 }
    }

    /// The value; null for what is written as JSON but means nothing, like half a surrogate pair.
    pub fn to_value(&self) -> Value {
        serde_json::from_str(self.get()).unwrap_or_default()
    }

    /// Whether there is none.
    pub fn is_null(&self) -> bool {
        self.get() == "null"
    }

    /// As it is read by those who borrow from it.
    pub(crate) fn as_raw(&self) -> Option<&RawValue> {
        serde_json::from_str(self.get()).ok()
    }

    /// Becomes a list with `next` at its end.
    pub(crate) fn append(&mut self, next: &Self) {
        if self.0.starts_with('[') {
            self.0.pop();
            let is_first = self.0.trim_end() == "[";
            self.0.push_str(if is_first { "" } else { "," });
        } else {
            self.0 = ["[", self.get(), ","].concat();
        }
        self.0.push_str(next.get());
        self.0.push(']');
    }
}

impl From<&RawValue> for RawJson {
    fn from(raw: &RawValue) -> Self {
        Self(raw.get().to_owned())
    }
}

impl From<Value> for RawJson {
    fn from(value: Value) -> Self {
        Self(if value.is_null() { String::new() } else { value.to_string() })
    }
}

impl fmt::Debug for RawJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.get())
    }
}

/// By what it means: spaces and the order of members count for nothing.
impl PartialEq for RawJson {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get() || self.to_value() == other.to_value()
    }
}

impl PartialEq<Value> for RawJson {
    fn eq(&self, other: &Value) -> bool {
        self.to_value() == *other
    }
}

impl Serialize for RawJson {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_raw().serialize(serializer)
    }
}

/// From whatever holds JSON, which need not be text.
impl<'de> Deserialize<'de> for RawJson {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::RawJson;

    #[test]
    fn it_is_kept_word_for_word_and_compared_by_what_it_means() {
        let text = r#"{ "b": 1.0, "a": [] }"#;
        let raw = RawJson::from(serde_json::from_str::<&serde_json::value::RawValue>(text).unwrap());
        assert_eq!((raw.get(), raw.is_null()), (text, false));
        assert_eq!(raw, json!({"a": [], "b": 1.0}));
        assert_eq!(raw, RawJson::from(json!({"a": [], "b": 1.0})));
        assert_ne!(raw, RawJson::default());
        assert_eq!(serde_json::to_string(&raw).unwrap(), text);
        assert_eq!(serde_json::to_value(&raw).unwrap(), json!({"a": [], "b": 1.0}));
    }

    #[test]
    fn it_comes_from_text_and_from_trees() {
        let none: RawJson = serde_json::from_str("null").unwrap();
        assert_eq!((none.is_null(), none == RawJson::default()), (true, true));
        let read: RawJson = serde_json::from_value(json!({"n": 3})).unwrap();
        assert_eq!(read.get(), r#"{"n":3}"#);
    }

    #[test]
    fn several_become_a_list() {
        let mut all = RawJson::from(json!({"n": 1}));
        all.append(&RawJson::from(json!({"n": 2})));
        all.append(&RawJson::default());
        assert_eq!(all.get(), r#"[{"n":1},{"n":2},null]"#);
        let mut empty = RawJson::from(json!([]));
        empty.append(&RawJson::from(json!(1)));
        assert_eq!(empty.get(), "[1]");
    }
}
