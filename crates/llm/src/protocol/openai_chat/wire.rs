//! The JSON of replies, borrowed from the body. Lenient where vendors differ: everything may be absent, null or of another
//! type. What that takes is in [`lenient`](super::lenient).

use serde::Deserialize;
use serde_json::value::RawValue;

use super::lenient::{Content, First, List, Number, Object, Text};

/// A reply, or one chunk of a streamed one.
#[derive(Debug, Deserialize)]
pub(super) struct Reply<'a> {
    #[serde(borrow, default)]
    pub(super) id: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) model: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) choices: Option<First<'a>>,
    #[serde(borrow, default)]
    pub(super) usage: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) x_groq: Option<Object<XGroq<'a>>>,
    #[serde(borrow, default)]
    pub(super) error: Option<&'a RawValue>,
}

/// What kind of object a reply says it is. Read only where it says nothing else.
#[derive(Debug, Deserialize)]
pub(super) struct Kind<'a> {
    #[serde(borrow, default)]
    pub(super) object: Option<Text<'a>>,
}

/// Where Groq puts the usage of a stream that did not ask for it.
#[derive(Debug, Deserialize)]
pub(super) struct XGroq<'a> {
    #[serde(borrow, default)]
    pub(super) usage: Option<&'a RawValue>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Choice<'a> {
    #[serde(default)]
    pub(super) index: Option<Number>,
    #[serde(borrow, default)]
    pub(super) message: Option<Object<Turn<'a>>>,
    #[serde(borrow, default)]
    pub(super) delta: Option<Object<Turn<'a>>>,
    #[serde(borrow, default)]
    pub(super) finish_reason: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) error: Option<&'a RawValue>,
}

/// What the model says: whole in a message, a piece in a delta.
#[derive(Debug, Deserialize)]
pub(super) struct Turn<'a> {
    #[serde(borrow, default)]
    pub(super) content: Option<Content<'a>>,
    #[serde(borrow, default)]
    pub(super) reasoning_content: Option<Text<'a>>,
    /// Text; elsewhere a switch or a list of details has this name.
    #[serde(borrow, default)]
    pub(super) reasoning: Option<Content<'a>>,
    #[serde(borrow, default)]
    pub(super) reasoning_details: Option<List<Object<Detail<'a>>>>,
    #[serde(borrow, default)]
    pub(super) refusal: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) tool_calls: Option<List<Object<ToolCall<'a>>>>,
    /// How tools were called before `tool_calls`.
    #[serde(borrow, default)]
    pub(super) function_call: Option<Object<Function<'a>>>,
}

/// A piece of reasoning as OpenRouter, MiniMax and Snowflake send it; an encrypted one has neither member.
#[derive(Debug, Deserialize)]
pub(super) struct Detail<'a> {
    #[serde(borrow, default)]
    pub(super) text: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) summary: Option<Text<'a>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ToolCall<'a> {
    #[serde(default)]
    pub(super) index: Option<Number>,
    #[serde(borrow, default)]
    pub(super) id: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) function: Option<Object<Function<'a>>>,
    /// A tool whose input is text rather than JSON.
    #[serde(borrow, default)]
    pub(super) custom: Option<Object<Function<'a>>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Function<'a> {
    #[serde(borrow, default)]
    pub(super) name: Option<Text<'a>>,
    /// JSON text in a string; some servers send the object itself.
    #[serde(borrow, default)]
    pub(super) arguments: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) input: Option<&'a RawValue>,
}

/// A piece of content that is no plain string.
#[derive(Debug, Deserialize)]
pub(super) struct Part<'a> {
    #[serde(borrow, default, rename = "type")]
    pub(super) kind: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) text: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) refusal: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) thinking: Option<Box<Content<'a>>>,
}
