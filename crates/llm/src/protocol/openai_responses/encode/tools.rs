//! The tools that the model is told of, and which of them it may call.

use serde::Serialize;
use serde_json::Value;

use crate::{Tool, ToolChoice};

/// A tool.
#[derive(Serialize)]
#[serde(tag = "type", rename = "function")]
pub(super) struct Function<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    parameters: &'a Value,
    /// Unsaid, it would be true, and schemas that leave members optional would be refused.
    strict: bool,
}

impl<'a> From<&'a Tool> for Function<'a> {
    fn from(Tool { name, description, parameters, strict }: &'a Tool) -> Self {
        Self { name, description, parameters, strict: strict.unwrap_or(false) }
    }
}

/// Which tools to call.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Choice<'a> {
    Word(&'static str),
    Function(Named<'a>),
}

#[derive(Serialize)]
#[serde(tag = "type", rename = "function")]
pub(super) struct Named<'a> {
    name: &'a str,
}

impl<'a> From<&'a ToolChoice> for Choice<'a> {
    fn from(choice: &'a ToolChoice) -> Self {
        match choice {
            ToolChoice::Auto => Self::Word("auto"),
            ToolChoice::None => Self::Word("none"),
            ToolChoice::Required => Self::Word("required"),
            ToolChoice::Tool(name) => Self::Function(Named { name }),
        }
    }
}
