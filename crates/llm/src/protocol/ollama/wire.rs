//! The JSON of replies: a streamed one is a line of the same shape for every piece, and the last says `done`.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::protocol::lenient::{Flag, List, Number, Object, Text};

/// A reply, or one line of a streamed one.
#[derive(Debug, Deserialize)]
pub(super) struct Reply<'a> {
    #[serde(borrow, default)]
    pub(super) model: Text<'a>,
    #[serde(borrow, default)]
    pub(super) message: Object<Turn<'a>>,
    /// What `/api/generate` sends in place of a message.
    #[serde(borrow, default)]
    pub(super) response: Text<'a>,
    #[serde(borrow, default)]
    pub(super) thinking: Text<'a>,
    #[serde(default)]
    pub(super) done: Flag,
    #[serde(borrow, default)]
    pub(super) done_reason: Text<'a>,
    #[serde(default)]
    pub(super) prompt_eval_count: Number,
    #[serde(default)]
    pub(super) eval_count: Number,
    #[serde(default)]
    pub(super) total_duration: Number,
    #[serde(default)]
    pub(super) load_duration: Number,
    #[serde(default)]
    pub(super) prompt_eval_duration: Number,
    #[serde(default)]
    pub(super) eval_duration: Number,
    #[serde(borrow, default)]
    pub(super) logprobs: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) error: Option<&'a RawValue>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Turn<'a> {
    #[serde(borrow, default)]
    pub(super) content: Text<'a>,
    #[serde(borrow, default)]
    pub(super) thinking: Text<'a>,
    #[serde(borrow, default)]
    pub(super) tool_calls: List<ToolCall<'a>>,
}

/// A call, always whole.
#[derive(Debug, Deserialize)]
pub(super) struct ToolCall<'a> {
    #[serde(borrow, default)]
    pub(super) id: Text<'a>,
    #[serde(borrow, default)]
    pub(super) function: Object<Function<'a>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Function<'a> {
    #[serde(borrow, default)]
    pub(super) name: Text<'a>,
    /// An object, not a string.
    #[serde(borrow, default)]
    pub(super) arguments: Option<&'a RawValue>,
}
