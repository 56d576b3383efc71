//! A tool as chat completions are told of it, and the wires that were made after them:
//! `{"type": "function", "function": {"name", "description", "parameters"}}`.

use serde::Serialize;
use serde_json::Value;

use crate::Tool;

/// The tool, borrowed.
#[derive(Serialize)]
#[serde(tag = "type", rename = "function")]
pub(crate) struct FunctionTool<'a> {
    function: Function<'a>,
}

#[derive(Serialize)]
struct Function<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    parameters: &'a Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    strict: Option<bool>,
}

impl<'a> FunctionTool<'a> {
    /// The tool. Whether its schema is held to is not said: most such wires have no word for it.
    pub(crate) fn new(Tool { name, description, parameters, .. }: &'a Tool) -> Self {
        Self { function: Function { name, description, parameters, strict: None } }
    }

    /// Says also whether its schema is held to, where the tool does.
    pub(crate) fn with_strict(tool: &'a Tool) -> Self {
        let Self { function } = Self::new(tool);
        Self { function: Function { strict: tool.strict, ..function } }
    }
}
