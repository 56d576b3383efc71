//! The tools that the model is told of.

use graphbit_core::{Error, Result};

use crate::protocol::function_tool::FunctionTool;
use crate::{Request, ToolChoice};

/// All tools, unless none may be called.
///
/// # Errors
/// `INVALID_INPUT` where one must be called.
pub(super) fn told(request: &Request) -> Result<Vec<FunctionTool<'_>>> {
    match request.tool_choice {
        Some(ToolChoice::None) => return Ok(Vec::new()),
        Some(ToolChoice::Required | ToolChoice::Tool(_)) => {
            return Err(Error::invalid_input(
                "Ollama's wire cannot require that a tool is called: leave toolChoice out and ask for it in the prompt",
            ));
        }
        _ => {}
    }
    Ok(request.tools.iter().map(FunctionTool::new).collect())
}
