//! The tools that a model is told of.

use crate::protocol::function_tool::FunctionTool;
use crate::{Request, ToolChoice};

/// All tools, or the only one that may be called: the wire cannot name one of several.
pub(super) fn told(request: &Request) -> Vec<FunctionTool<'_>> {
    let only = match &request.tool_choice {
        Some(ToolChoice::Tool(name)) => Some(name),
        _ => None,
    };
    let tools = request.tools.iter().filter(|tool| only.is_none_or(|name| tool.name == *name));
    tools.map(FunctionTool::new).collect()
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
