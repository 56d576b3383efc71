//! The JSON of replies, borrowed from the body. Everything may be absent, null or of another type.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, SeqAccess};
use serde_json::value::RawValue;

use crate::protocol::MOST_CALLS;
use crate::protocol::lenient::{First, Indexed, List, Number, Object, Shape, Text, Word, bounded, read};

/// A reply, or one chunk of a streamed one.
#[derive(Debug, Deserialize)]
pub(super) struct Reply<'a> {
    #[serde(borrow, default)]
    pub(super) id: Word<'a>,
    #[serde(borrow, default)]
    pub(super) model: Text<'a>,
    #[serde(borrow, default)]
    pub(super) choices: First<Choice<'a>>,
    #[serde(borrow, default)]
    pub(super) usage: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) x_groq: Object<XGroq<'a>>,
    #[serde(borrow, default)]
    pub(super) error: Option<&'a RawValue>,
}

/// What kind of object a reply says it is. Read only where it says nothing else.
#[derive(Debug, Deserialize)]
pub(super) struct Kind<'a> {
    #[serde(borrow, default)]
    object: Text<'a>,
    #[serde(default)]
    base_resp: Object<BaseResp>,
}

impl Kind<'_> {
    /// Whether that is an error.
    pub(super) fn is_error(&self) -> bool {
        let failed = |resp: &BaseResp| resp.status_code.0.is_some_and(|code| code != 0);
        self.object.get() == Some("error") || self.base_resp.0.as_ref().is_some_and(failed)
    }
}

/// How MiniMax says that all is well, or what is not.
#[derive(Debug, Deserialize)]
struct BaseResp {
    #[serde(default)]
    status_code: Number,
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
    index: Number,
    #[serde(borrow, default)]
    pub(super) message: Object<Turn<'a>>,
    #[serde(borrow, default)]
    pub(super) delta: Object<Turn<'a>>,
    #[serde(borrow, default)]
    pub(super) finish_reason: Word<'a>,
    /// An object; Together's models behind OpenRouter have a bare number in its place.
    #[serde(borrow, default)]
    pub(super) logprobs: Object<Logprobs<'a>>,
    #[serde(borrow, default)]
    pub(super) error: Option<&'a RawValue>,
}

impl Indexed for Choice<'_> {
    fn index(&self) -> Number {
        self.index
    }
}

/// What the model says: whole in a message, a piece in a delta.
#[derive(Debug, Deserialize)]
pub(super) struct Turn<'a> {
    #[serde(borrow, default)]
    pub(super) content: Content<'a>,
    #[serde(borrow, default)]
    pub(super) reasoning_content: Text<'a>,
    /// Text; elsewhere a switch or a list of details has this name.
    #[serde(borrow, default)]
    pub(super) reasoning: Content<'a>,
    #[serde(borrow, default)]
    pub(super) reasoning_details: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) refusal: Text<'a>,
    #[serde(borrow, default)]
    pub(super) tool_calls: List<ToolCall<'a>>,
    /// How tools were called before `tool_calls`.
    #[serde(borrow, default)]
    pub(super) function_call: Object<Function<'a>>,
}

/// A piece of reasoning as OpenRouter, MiniMax and Snowflake send it; an encrypted one has neither member.
#[derive(Debug, Deserialize)]
pub(super) struct Detail<'a> {
    #[serde(borrow, default)]
    pub(super) text: Text<'a>,
    #[serde(borrow, default)]
    pub(super) summary: Text<'a>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ToolCall<'a> {
    #[serde(default)]
    pub(super) index: Number,
    #[serde(borrow, default)]
    pub(super) id: Word<'a>,
    #[serde(borrow, default)]
    pub(super) function: Object<Function<'a>>,
    /// A tool whose input is text rather than JSON.
    #[serde(borrow, default)]
    pub(super) custom: Object<Function<'a>>,
    /// What Google wants to have back.
    #[serde(borrow, default)]
    pub(super) extra_content: Option<&'a RawValue>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Function<'a> {
    #[serde(borrow, default)]
    pub(super) name: Text<'a>,
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
    pub(super) kind: Text<'a>,
    #[serde(borrow, default)]
    pub(super) text: Text<'a>,
    #[serde(borrow, default)]
    pub(super) refusal: Text<'a>,
    #[serde(borrow, default)]
    pub(super) thinking: Thinking<'a>,
}

/// The thinking in a part: text, or the texts in a list of parts.
#[derive(Debug, Default)]
pub(super) struct Thinking<'a>(pub(super) Vec<Text<'a>>);

#[derive(Debug, Deserialize)]
struct Said<'a> {
    #[serde(borrow, default)]
    text: Text<'a>,
}

impl<'de: 'a, 'a> Shape<'de> for Thinking<'a> {
    fn text(text: Cow<'de, str>) -> Self {
        Self(vec![Text::text(text)])
    }

    fn list<A: SeqAccess<'de>>(list: A) -> Result<Self, A::Error> {
        let keep =
            |Object(said): Object<Said<'a>>| said.map(|said| said.text).filter(|text| text.some().is_some());
        bounded(list, MOST_CALLS, keep).map(Self)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Thinking<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer)
    }
}

/// Text, or parts of it.
#[derive(Debug, Default)]
pub(super) enum Content<'a> {
    Text(Cow<'a, str>),
    Parts(Vec<Content<'a>>),
    Part(Box<Part<'a>>),
    #[default]
    Other,
}

impl<'de: 'a, 'a> Shape<'de> for Content<'a> {
    fn text(text: Cow<'de, str>) -> Self {
        Self::Text(text)
    }

    fn list<A: SeqAccess<'de>>(list: A) -> Result<Self, A::Error> {
        let keep = |Item(content): Item<'a>| Some(content).filter(|content| !matches!(content, Self::Other));
        bounded(list, MOST_CALLS, keep).map(Self::Parts)
    }

    fn object<A: MapAccess<'de>>(object: A) -> Result<Self, A::Error> {
        Part::deserialize(MapAccessDeserializer::new(object)).map(|part| Self::Part(Box::new(part)))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Content<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer)
    }
}

/// One of a list of contents: text or a part. Lists within lists mean nothing, and could be made without end.
#[derive(Debug, Default)]
struct Item<'a>(Content<'a>);

impl<'de: 'a, 'a> Shape<'de> for Item<'a> {
    fn text(text: Cow<'de, str>) -> Self {
        Self(Content::Text(text))
    }

    fn object<A: MapAccess<'de>>(object: A) -> Result<Self, A::Error> {
        Content::object(object).map(Self)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Item<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer)
    }
}

/// How likely the tokens were.
#[derive(Debug, Deserialize)]
pub(super) struct Logprobs<'a> {
    #[serde(borrow, default)]
    pub(super) content: Option<&'a RawValue>,
}
