//! Where a template's values come from.

use serde_json::{Map, Value};

/// The values that the variables of a template name.
pub trait Scope {
    /// The value of a root: `input`, or a node's id.
    fn get(&self, root: &str) -> Option<&Value>;

    /// The roots there are, for the message about one that is missing; none where listing them would cost too much.
    fn names(&self) -> Vec<&str> {
        Vec::new()
    }
}

impl Scope for Map<String, Value> {
    fn get(&self, root: &str) -> Option<&Value> {
        Self::get(self, root)
    }

    fn names(&self) -> Vec<&str> {
        self.keys().map(String::as_str).collect()
    }
}
