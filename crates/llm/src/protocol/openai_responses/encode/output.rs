//! The form of the answer.

use serde::Serialize;
use serde_json::Value;

use crate::OutputSchema;

/// `text.format`: a schema.
#[derive(Serialize)]
#[serde(tag = "type", rename = "json_schema")]
pub(super) struct Format<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    schema: &'a Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    strict: Option<bool>,
}

impl<'a> From<&'a OutputSchema> for Format<'a> {
    fn from(OutputSchema { name, description, schema, strict }: &'a OutputSchema) -> Self {
        Self { name, description, schema, strict: *strict }
    }
}
