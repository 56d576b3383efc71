//! The tools that a model is told of. Bedrock demands them wherever the conversation holds calls, and has no word to forbid
//! calling them: then the calls of the conversation stand for tools, and an instruction forbids.

use std::sync::LazyLock;

use serde::Serialize;
use serde_json::{Value, json};

use super::model::Model;
use crate::{Message, Request, Tool, ToolChoice};

/// Forbids calls.
pub(super) const FORBIDDEN: &str = "Call no tools now: answer in words.";

/// The arguments of a tool of which only the name is known.
static ANY_ARGUMENTS: LazyLock<Value> = LazyLock::new(|| json!({ "type": "object" }));

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ToolConfig<'a> {
    tools: Vec<Told<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<Choice<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Told<'a> {
    ToolSpec(ToolSpec<'a>),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ToolSpec<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    input_schema: InputSchema<'a>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    strict: bool,
}

#[derive(Serialize)]
struct InputSchema<'a> {
    json: &'a Value,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Choice<'a> {
    Auto {},
    Any {},
    Tool { name: &'a str },
}

/// Whether no tool may be called.
pub(super) fn are_forbidden(request: &Request) -> bool {
    request.tools.is_empty() || request.tool_choice == Some(ToolChoice::None)
}

impl<'a> ToolConfig<'a> {
    pub(super) fn of(request: &'a Request, model: &Model) -> Option<Self> {
        let mut called: Vec<&str> = Vec::new();
        for call in request.messages.iter().flat_map(Message::tool_calls) {
            if !called.contains(&&*call.name) {
                called.push(&call.name);
            }
        }
        if are_forbidden(request) && called.is_empty() {
            return None;
        }
        let tools = if request.tools.is_empty() {
            called
                .into_iter()
                .map(|name| ToolSpec::new(name, "", &ANY_ARGUMENTS))
                .map(Told::ToolSpec)
                .collect()
        } else {
            let told = |tool: &'a Tool| ToolSpec {
                strict: tool.strict == Some(true) && model.schema,
                ..ToolSpec::new(&tool.name, &tool.description, &tool.parameters)
            };
            request.tools.iter().map(told).map(Told::ToolSpec).collect()
        };
        let tool_choice = match &request.tool_choice {
            Some(ToolChoice::Auto) if !request.tools.is_empty() => Some(Choice::Auto {}),
            Some(ToolChoice::Required) => Some(Choice::Any {}),
            Some(ToolChoice::Tool(name)) => Some(Choice::Tool { name }),
            _ => None,
        };
        Some(Self { tools, tool_choice })
    }
}

impl<'a> ToolSpec<'a> {
    fn new(name: &'a str, description: &'a str, json: &'a Value) -> Self {
        Self { name, description, input_schema: InputSchema { json }, strict: false }
    }
}
