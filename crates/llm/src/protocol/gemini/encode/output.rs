//! The form of the answer.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::OutputSchema;

/// A schema, with the description that was given beside it unless it has its own.
#[derive(PartialEq)]
pub(super) struct Described<'a>(pub(super) &'a OutputSchema);

impl Serialize for Described<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let OutputSchema { schema, description, .. } = self.0;
        match schema {
            Value::Object(members) if !description.is_empty() && !members.contains_key("description") => {
                let mut map = serializer.serialize_map(Some(members.len() + 1))?;
                members.iter().try_for_each(|(name, value)| map.serialize_entry(name, value))?;
                map.serialize_entry("description", description)?;
                map.end()
            }
            schema => schema.serialize(serializer),
        }
    }
}
