//! The JSON of replies and of a stream's events: a delta holds in part what a whole reply holds.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::protocol::lenient::{Number, Object, OneOrMany, Text};

/// An event of a stream.
#[derive(Debug, Deserialize)]
pub(super) struct Event<'a> {
    #[serde(borrow, default, rename = "type")]
    pub(super) kind: Text<'a>,
    #[serde(borrow, default)]
    pub(super) id: Text<'a>,
    #[serde(default)]
    pub(super) index: Number,
    #[serde(borrow, default)]
    pub(super) delta: Object<Reply<'a>>,
    #[serde(borrow, default)]
    pub(super) logprobs: Option<&'a RawValue>,
    /// The sentence of an error.
    #[serde(borrow, default)]
    pub(super) message: Text<'a>,
}

/// A reply, or a piece of one.
#[derive(Debug, Deserialize)]
pub(super) struct Reply<'a> {
    #[serde(borrow, default)]
    pub(super) id: Text<'a>,
    #[serde(borrow, default)]
    pub(super) message: Object<Message<'a>>,
    #[serde(borrow, default)]
    pub(super) finish_reason: Text<'a>,
    #[serde(borrow, default)]
    pub(super) usage: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) logprobs: Option<&'a RawValue>,
    /// What went wrong, where the reason to stop is an error.
    #[serde(borrow, default)]
    pub(super) error: Text<'a>,
}

/// What the model says: lists in a whole reply, single objects in a delta. Citations and the plan for tools are passed over.
#[derive(Debug, Deserialize)]
pub(super) struct Message<'a> {
    #[serde(borrow, default)]
    pub(super) content: OneOrMany<Part<'a>>,
    #[serde(borrow, default)]
    pub(super) tool_calls: OneOrMany<ToolCall<'a>>,
}

/// A piece of content. A delta does not say its type, only its one member.
#[derive(Debug, Deserialize)]
pub(super) struct Part<'a> {
    #[serde(borrow, default)]
    pub(super) text: Text<'a>,
    #[serde(borrow, default)]
    pub(super) thinking: Text<'a>,
}

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
    /// JSON text in a string, in fragments where it is streamed.
    #[serde(borrow, default)]
    pub(super) arguments: Option<&'a RawValue>,
}
