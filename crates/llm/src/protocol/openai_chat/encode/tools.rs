//! Which of the tools the model may call.

use serde::{Serialize, Serializer};

use crate::ToolChoice;

/// Any of them, or one.
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
