//! Answers by a schema.
//! Source: Cohere's documentation, "Structured Outputs", with what it lists as not supported.

use serde::Serialize;
use serde_json::Value;

use crate::OutputSchema;
use crate::protocol::subschemas;

/// JSON, by a schema or of any form.
#[derive(Serialize)]
pub(super) struct ResponseFormat<'a> {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    json_schema: Option<&'a Value>,
}

impl<'a> ResponseFormat<'a> {
    /// `None` where the model is not to be held.
    pub(super) fn of(output: &'a OutputSchema) -> Option<Self> {
        let json_schema = match output.strict {
            Some(false) => return None,
            Some(true) => Some(&output.schema),
            None => Some(&output.schema).filter(|schema| is_supported(schema)),
        };
        // Without a schema the vendor still writes an object, whatever the schema wants.
        let is_object = output.schema.as_object().is_some_and(subschemas::is_object);
        (json_schema.is_some() || is_object).then_some(Self { r#type: "json_object", json_schema })
    }

    pub(super) fn has_schema(&self) -> bool {
        self.json_schema.is_some()
    }
}

const REFUSED: [&str; 14] = [
    "allOf",
    "oneOf",
    "not",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
    "patternProperties",
];

/// Whether the vendor takes the schema as it is: an object, every object with a member that is required, and few keywords.
fn is_supported(schema: &Value) -> bool {
    schema.as_object().is_some_and(subschemas::is_object)
        && subschemas::all(schema, &|schema| {
            let required = schema.get("required").and_then(Value::as_array);
            (required.is_some_and(|names| !names.is_empty()) || !subschemas::is_object(schema))
                && !REFUSED.iter().any(|keyword| schema.contains_key(*keyword))
        })
}
