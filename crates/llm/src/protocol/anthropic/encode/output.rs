//! The form of the answer, and of the arguments of strict tools. The vendor holds the model to a part of JSON Schema
//! (Anthropic's "Structured outputs", "JSON Schema limitations") and refuses the rest. So limits of single values are told in
//! descriptions instead: whoever asked checks the whole schema when the value has come.
//!
//! | `strict` of the answer's form | |
//! |---|---|
//! | unset | sent as a schema where the vendor takes it, else told in words: by the model, the cloud, and what else the schema says |
//! | true | sent as a schema, whatever it says |
//! | false | told in words |

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Map, Value};

use super::model::Claude;
use crate::OutputSchema;
use crate::vendor::Quirks;

#[derive(Serialize)]
pub(super) struct Format<'a> {
    r#type: &'static str,
    schema: Cow<'a, Value>,
}

/// The schema as the vendor takes it; `None` where the model has to be told in words.
pub(super) fn native<'a>(output: &'a OutputSchema, claude: &Claude, quirks: &Quirks) -> Option<Format<'a>> {
    let mut schema = match output.strict {
        Some(true) => strict(&output.schema),
        None if claude.takes_schema() && !quirks.schema_if_strict => Cow::Owned(held(&output.schema)?),
        _ => return None,
    };
    if !output.description.is_empty() && schema.get("description").is_none() {
        let members = schema.to_mut().as_object_mut()?;
        members.insert("description".to_owned(), output.description.as_str().into());
    }
    Some(Format { r#type: "json_schema", schema })
}

/// A schema that is to be sent: without its limits where that helps, else as it is, so that the vendor says what is wrong.
pub(super) fn strict(schema: &Value) -> Cow<'_, Value> {
    held(schema).map_or(Cow::Borrowed(schema), Cow::Owned)
}

/// The part of a schema that the vendor holds the model to. `None` where leaving out limits is not enough: references, which
/// may be recursive, open objects, and whatever is not known here.
fn held(schema: &Value) -> Option<Value> {
    let members = schema.as_object()?;
    let (mut kept, mut told) = (Map::new(), Map::new());
    for (name, value) in members {
        // One of several is any of them for the vendor; that no second one fits is checked with the answer.
        let name = match name.as_str() {
            "oneOf" if !members.contains_key("anyOf") => "anyOf",
            name => name,
        };
        let value = match (name, value) {
            ("type" | "const" | "title" | "description" | "default" | "required" | "$schema", value) => {
                value.clone()
            }
            ("enum", Value::Array(values)) if values.iter().all(is_scalar) => value.clone(),
            ("additionalProperties", Value::Bool(false)) => value.clone(),
            ("minItems", value) if matches!(value.as_u64(), Some(0 | 1)) => value.clone(),
            ("format", Value::String(format)) if FORMATS.contains(&format.as_str()) => value.clone(),
            ("items", items) => held(items)?,
            ("properties", Value::Object(properties)) => {
                let held = |(name, value): (&String, &Value)| Some((name.clone(), held(value)?));
                properties.iter().map(held).collect::<Option<Map<_, _>>>()?.into()
            }
            ("anyOf" | "allOf", Value::Array(all)) => {
                all.iter().map(held).collect::<Option<Vec<_>>>()?.into()
            }
            (name, value) if LIMITS.contains(&name) => {
                told.insert(name.to_owned(), value.clone());
                continue;
            }
            _ => return None,
        };
        kept.insert(name.to_owned(), value);
    }
    let is_object = match kept.get("type") {
        Some(Value::String(kind)) => kind == "object",
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == "object"),
        _ => kept.contains_key("properties"),
    };
    if is_object {
        kept.get("properties")?;
        kept.insert("additionalProperties".to_owned(), false.into());
    }
    if !told.is_empty() {
        let told = Value::Object(told);
        let described = match kept.get("description").and_then(Value::as_str) {
            Some(description) => format!("{description}\n{told}"),
            None => told.to_string(),
        };
        kept.insert("description".to_owned(), described.into());
    }
    ["type", "enum", "const", "anyOf", "allOf"]
        .iter()
        .any(|name| kept.contains_key(*name))
        .then(|| kept.into())
}

fn is_scalar(value: &Value) -> bool {
    !value.is_object() && !value.is_array()
}

/// What only narrows a value or shows one: without it a schema allows more.
const LIMITS: [&str; 15] = [
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "examples",
];

/// The formats of text that the vendor knows.
const FORMATS: [&str; 10] =
    ["date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"];
