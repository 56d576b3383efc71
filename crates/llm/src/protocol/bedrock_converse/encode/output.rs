//! Answers by a schema.
//! Source: Amazon Bedrock user guide, "Get validated JSON results from models"; API reference, "OutputConfig".

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::OutputSchema;
use crate::protocol::subschemas;

/// `{"textFormat": …}`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OutputConfig<'a> {
    text_format: TextFormat<'a>,
}

#[derive(Serialize)]
struct TextFormat<'a> {
    r#type: &'static str,
    structure: Structure<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Structure<'a> {
    json_schema: JsonSchema<'a>,
}

#[derive(Serialize)]
struct JsonSchema<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    #[serde(serialize_with = "as_text")]
    schema: &'a Value,
}

impl<'a> OutputConfig<'a> {
    pub(super) fn of(output: &'a OutputSchema) -> Self {
        let json_schema =
            JsonSchema { name: &output.name, description: &output.description, schema: &output.schema };
        Self { text_format: TextFormat { r#type: "json_schema", structure: Structure { json_schema } } }
    }
}

/// The schema is a string that holds JSON.
fn as_text<S: Serializer>(schema: &Value, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(schema)
}

/// Keywords that Bedrock refuses.
const REFUSED: [&str; 14] = [
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
    "minProperties",
    "maxProperties",
    "patternProperties",
    "$ref", // may be recursive, which is refused, too
];

/// Whether the vendor takes the schema as it is: it wants closed objects and few keywords.
pub(super) fn is_supported(schema: &Value) -> bool {
    subschemas::all(schema, &|schema| {
        let closed = schema.get("additionalProperties") == Some(&Value::Bool(false));
        (closed || !subschemas::is_object(schema))
            && !REFUSED.iter().any(|keyword| schema.contains_key(*keyword))
    })
}
