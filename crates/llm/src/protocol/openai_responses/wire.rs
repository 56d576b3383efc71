//! The JSON of replies and events, borrowed from the body. Every member may be absent, null or of another type. What may be
//! large stays raw until it is needed.

use std::borrow::Cow;

use serde::de::SeqAccess;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::protocol::MOST_CALLS;
use crate::protocol::lenient::{List, Number, Object, Shape, Text, bounded, read};

/// One event of a stream.
#[derive(Debug, Deserialize)]
pub(super) struct StreamEvent<'a> {
    #[serde(borrow, default, rename = "type")]
    pub(super) kind: Text<'a>,
    #[serde(default)]
    pub(super) output_index: Number,
    #[serde(default)]
    pub(super) content_index: Number,
    #[serde(default)]
    pub(super) summary_index: Number,
    #[serde(borrow, default)]
    pub(super) delta: Text<'a>,
    #[serde(borrow, default)]
    pub(super) logprobs: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) item: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) response: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) error: Option<&'a RawValue>,
}

/// A reply: a whole body, or what the events about it carry.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Reply<'a> {
    #[serde(borrow, default)]
    pub(super) id: Text<'a>,
    #[serde(borrow, default)]
    pub(super) model: Text<'a>,
    #[serde(borrow, default)]
    pub(super) status: Text<'a>,
    #[serde(borrow, default)]
    pub(super) output: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) incomplete_details: Object<Details<'a>>,
    #[serde(borrow, default)]
    pub(super) usage: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) error: Option<&'a RawValue>,
}

/// Why a reply is incomplete.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Details<'a> {
    #[serde(borrow, default)]
    pub(super) reason: Text<'a>,
}

/// One item of the output: a message, thinking, a call.
#[derive(Debug, Deserialize)]
pub(super) struct Item<'a> {
    #[serde(borrow, default, rename = "type")]
    pub(super) kind: Text<'a>,
    #[serde(borrow, default)]
    pub(super) id: Text<'a>,
    #[serde(borrow, default)]
    pub(super) call_id: Text<'a>,
    #[serde(borrow, default)]
    pub(super) name: Text<'a>,
    /// JSON text in a string; an object is taken as it is.
    #[serde(borrow, default)]
    pub(super) arguments: Option<&'a RawValue>,
    /// What a custom tool gets: any text.
    #[serde(borrow, default)]
    pub(super) input: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) content: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) summary: Option<&'a RawValue>,
    /// Thinking that the vendor alone can read.
    #[serde(borrow, default)]
    pub(super) encrypted_content: Text<'a>,
}

/// The items of a list, each as it came: some have to go back so.
#[derive(Debug, Default)]
pub(super) struct Items<'a>(pub(super) Vec<&'a RawValue>);

impl<'de: 'a, 'a> Shape<'de> for Items<'a> {
    fn list<A: SeqAccess<'de>>(list: A) -> Result<Self, A::Error> {
        let is_object = |item: &&'de RawValue| item.get().starts_with('{');
        bounded(list, MOST_CALLS, |item| Some(item).filter(is_object)).map(Self)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Items<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer)
    }
}

/// A piece of a message or of thinking.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Part<'a> {
    #[serde(borrow, default, rename = "type")]
    pub(super) kind: Text<'a>,
    #[serde(borrow, default)]
    pub(super) text: Text<'a>,
    #[serde(borrow, default)]
    pub(super) refusal: Text<'a>,
    #[serde(borrow, default)]
    pub(super) logprobs: Option<&'a RawValue>,
}

/// The pieces in a raw list; text that stands there alone is one piece of text.
pub(super) fn parts(raw: Option<&RawValue>) -> serde_json::Result<Vec<Part<'_>>> {
    let Some(raw) = raw.map(RawValue::get) else { return Ok(Vec::new()) };
    if raw.starts_with('"') {
        let kind = Text(Some(Cow::Borrowed("output_text")));
        return Ok(vec![Part { kind, text: serde_json::from_str(raw)?, ..Part::default() }]);
    }
    serde_json::from_str::<List<Part<'_>>>(raw).map(|list| list.0)
}
