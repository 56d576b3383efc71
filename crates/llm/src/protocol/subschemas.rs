//! Walks a JSON Schema, for wires whose vendor takes only some of its words.

use serde_json::{Map, Value};

/// Whether a schema, and every schema within it, fits.
pub(crate) fn all(schema: &Value, fits: &dyn Fn(&Map<String, Value>) -> bool) -> bool {
    let Value::Object(schema) = schema else { return schema.is_boolean() };
    fits(schema)
        && schema.iter().all(|(keyword, value)| match (keyword.as_str(), value) {
            (
                "properties" | "patternProperties" | "dependentSchemas" | "$defs" | "definitions",
                Value::Object(named),
            ) => named.values().all(|schema| all(schema, fits)),
            ("anyOf" | "allOf" | "oneOf" | "prefixItems", Value::Array(schemas)) => {
                schemas.iter().all(|schema| all(schema, fits))
            }
            ("items" | "contains" | "additionalProperties" | "not" | "if" | "then" | "else", schema) => {
                all(schema, fits)
            }
            _ => true,
        })
}

/// Whether it is the schema of an object.
pub(crate) fn is_object(schema: &Map<String, Value>) -> bool {
    schema.get("type").is_some_and(|kind| kind == "object") || schema.contains_key("properties")
}
