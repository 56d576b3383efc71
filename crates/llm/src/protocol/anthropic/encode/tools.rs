//! The tools that the model is told of, and which of them it may call.

use std::borrow::Cow;

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::output;
use crate::{Request, Tool, ToolChoice};

#[derive(Serialize)]
struct Definition<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    input_schema: Cow<'a, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    strict: Option<bool>,
}

pub(super) fn write<S: Serializer>(tools: &[Tool], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(tools.iter().map(|tool| Definition {
        name: &tool.name,
        description: &tool.description,
        input_schema: match tool.strict {
            Some(true) => output::strict(&tool.parameters),
            _ => Cow::Borrowed(&tool.parameters),
        },
        strict: tool.strict,
    }))
}

#[derive(Serialize)]
pub(super) struct Choice<'a> {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    disable_parallel_tool_use: bool,
}

/// `None` leaves it to the vendor, which lets the model decide and call several at once. Without tools there is nothing to
/// choose, and the vendor refuses the member.
pub(super) fn choice(request: &Request) -> Option<Choice<'_>> {
    let single = request.parallel_tool_calls == Some(false);
    let (r#type, name) = match &request.tool_choice {
        _ if request.tools.is_empty() => return None,
        None if !single => return None,
        None | Some(ToolChoice::Auto) => ("auto", None),
        Some(ToolChoice::Required) => ("any", None),
        Some(ToolChoice::None) => ("none", None),
        Some(ToolChoice::Tool(name)) => ("tool", Some(name.as_str())),
    };
    Some(Choice { r#type, name, disable_parallel_tool_use: single && r#type != "none" })
}
