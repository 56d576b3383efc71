//! The JSON of replies and of a stream's events. An object says what it is by the one member that it has.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::protocol::lenient::{List, Number, Object, Text};

/// A reply that came whole.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reply<'a> {
    #[serde(borrow, default)]
    pub(super) output: Object<Output<'a>>,
    #[serde(borrow, default)]
    pub(super) stop_reason: Text<'a>,
    #[serde(borrow, default)]
    pub(super) usage: Option<&'a RawValue>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Output<'a> {
    #[serde(borrow, default)]
    pub(super) message: Object<Message<'a>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Message<'a> {
    #[serde(borrow, default)]
    pub(super) content: List<Block<'a>>,
}

/// The payload of any event: its members do not overlap.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Event<'a> {
    #[serde(default)]
    pub(super) content_block_index: Number,
    #[serde(borrow, default)]
    pub(super) start: Object<Block<'a>>,
    #[serde(borrow, default)]
    pub(super) delta: Object<Block<'a>>,
    #[serde(borrow, default)]
    pub(super) stop_reason: Text<'a>,
    #[serde(borrow, default)]
    pub(super) usage: Option<&'a RawValue>,
}

/// A piece of content: whole in a message, its beginning or a piece of it in an event.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Block<'a> {
    #[serde(borrow, default)]
    pub(super) text: Text<'a>,
    #[serde(borrow, default)]
    pub(super) reasoning_content: Object<Reasoning<'a>>,
    #[serde(borrow, default)]
    pub(super) tool_use: Object<ToolUse<'a>>,
    #[serde(borrow, default)]
    pub(super) citations_content: Object<Cited<'a>>,
}

/// Thinking: shown, in a delta as it is and in a message as an object, or hidden.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reasoning<'a> {
    #[serde(borrow, default)]
    pub(super) text: Text<'a>,
    #[serde(borrow, default)]
    pub(super) signature: Text<'a>,
    #[serde(borrow, default)]
    pub(super) reasoning_text: Object<Said<'a>>,
    #[serde(borrow, default)]
    pub(super) redacted_content: Text<'a>,
}

/// An answer with its sources beside it.
#[derive(Debug, Deserialize)]
pub(super) struct Cited<'a> {
    #[serde(borrow, default)]
    pub(super) content: List<Said<'a>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Said<'a> {
    #[serde(borrow, default)]
    pub(super) text: Text<'a>,
    /// Of thinking only.
    #[serde(borrow, default)]
    pub(super) signature: Text<'a>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ToolUse<'a> {
    #[serde(borrow, default)]
    pub(super) tool_use_id: Text<'a>,
    #[serde(borrow, default)]
    pub(super) name: Text<'a>,
    /// `server_tool_use` where Bedrock runs the tool itself.
    #[serde(borrow, default, rename = "type")]
    pub(super) kind: Text<'a>,
    /// An object in a message, a fragment of its text in a delta.
    #[serde(borrow, default)]
    pub(super) input: Option<&'a RawValue>,
}

impl ToolUse<'_> {
    /// Whether Bedrock has called the tool already: its result follows, and nobody is asked to call it again.
    pub(super) fn is_served(&self) -> bool {
        self.kind.get() == Some("server_tool_use")
    }
}
