//! The form of the answer: a schema where the server takes one, else any JSON object, else words alone.

use serde::Serialize;
use serde_json::Value;

use super::Target;
use crate::vendor::OutputMember;
use crate::{OutputSchema, Request};

/// How it is asked for.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ResponseFormat<'a> {
    JsonSchema { json_schema: Schema<'a> },
    JsonObject,
}

#[derive(Serialize)]
pub(super) struct Schema<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    schema: &'a Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    strict: Option<bool>,
}

/// The member, and what the model is told in words where no schema says it.
pub(super) fn of<'a>(
    target: &Target<'_>,
    request: &'a Request,
) -> (Option<ResponseFormat<'a>>, Option<String>) {
    let Some(output) = &request.output else { return (None, None) };
    let chat = &target.quirks.chat;
    let begins = |name: &&str| target.model.starts_with(name);
    let member = match chat.output {
        _ if !request.tools.is_empty() && !chat.output_beside_tools => OutputMember::None,
        OutputMember::SchemaFor(models) if models.iter().any(begins) => OutputMember::Schema,
        OutputMember::SchemaFor(_) => OutputMember::Object,
        member => member,
    };
    match member {
        OutputMember::Schema => {
            let OutputSchema { name, description, schema, strict } = output;
            let json_schema = Schema { name, description, schema, strict: *strict };
            (Some(ResponseFormat::JsonSchema { json_schema }), None)
        }
        OutputMember::Object if may_be_object(&output.schema) => {
            (Some(ResponseFormat::JsonObject), Some(output.instruction()))
        }
        _ => (None, Some(output.instruction())),
    }
}

/// Whether an object can be valid: a server that is asked for one lets the model write nothing else.
fn may_be_object(schema: &Value) -> bool {
    schema.get("type").and_then(Value::as_str).is_none_or(|kind| kind == "object")
}
