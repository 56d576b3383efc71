//! The tools that a model is told of.

use serde::Serialize;
use serde_json::Value;

use crate::{Request, ToolChoice};

#[derive(Serialize)]
pub(super) struct Told<'a> {
    r#type: &'static str,
    function: Function<'a>,
}

#[derive(Serialize)]
struct Function<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    parameters: &'a Value,
}

/// All tools, or the only one that may be called: the wire cannot name one of several.
pub(super) fn told(request: &Request) -> Vec<Told<'_>> {
    let only = match &request.tool_choice {
        Some(ToolChoice::Tool(name)) => Some(name),
        _ => None,
    };
    let tools = request.tools.iter().filter(|tool| only.is_none_or(|name| tool.name == *name));
    tools
        .map(|tool| Told {
            r#type: "function",
            function: Function {
                name: &tool.name,
                description: &tool.description,
                parameters: &tool.parameters,
            },
        })
        .collect()
}

/// The vendor is strict with all tools or with none.
pub(super) fn are_strict(request: &Request) -> bool {
    !request.tools.is_empty() && request.tools.iter().all(|tool| tool.strict == Some(true))
}

/// The vendor has no word for leaving the choice to the model.
pub(super) fn choice(request: &Request) -> Option<&'static str> {
    match request.tool_choice {
        Some(ToolChoice::Required | ToolChoice::Tool(_)) => Some("REQUIRED"),
        Some(ToolChoice::None) if !request.tools.is_empty() => Some("NONE"),
        _ => None,
    }
}
