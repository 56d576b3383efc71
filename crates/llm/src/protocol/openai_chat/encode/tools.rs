//! The tools that the model is told of, and which of them it may call.

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::{Tool, ToolChoice};

/// A tool.
#[derive(Serialize)]
pub(super) struct ToolLine<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
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

impl<'a> ToolLine<'a> {
    pub(super) fn new(tool: &'a Tool) -> Self {
        let Tool { name, description, parameters, strict } = tool;
        Self { kind: "function", function: Function { name, description, parameters, strict: *strict } }
    }
}

/// Which of them.
pub(super) enum Choice<'a> {
    Word(&'static str),
    Tool(&'a str),
}

impl<'a> Choice<'a> {
    /// The choice; `any` is the word for any tool.
    pub(super) fn new(choice: &'a ToolChoice, any: &'static str) -> Self {
        match choice {
            ToolChoice::Auto => Self::Word("auto"),
            ToolChoice::None => Self::Word("none"),
            ToolChoice::Required => Self::Word(any),
            ToolChoice::Tool(name) => Self::Tool(name),
        }
    }
}

impl Serialize for Choice<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct One<'a> {
            #[serde(rename = "type")]
            kind: &'static str,
            function: Named<'a>,
        }
        #[derive(Serialize)]
        struct Named<'a> {
            name: &'a str,
        }
        match *self {
            Self::Word(word) => serializer.serialize_str(word),
            Self::Tool(name) => One { kind: "function", function: Named { name } }.serialize(serializer),
        }
    }
}
