//! The parts of a message.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize};

use super::Media;

/// A piece of a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum Part {
    /// Text.
    Text {
        /// The text.
        text: String,
        /// The vendor's mark on it, to be sent back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        signature: Option<Signature>,
    },
    /// An image.
    Image {
        /// The image.
        #[serde(flatten)]
        media: Media,
        /// How closely the model should look, in the vendor's words (`low`, `high`).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        detail: Option<String>,
    },
    /// A document, a recording, or any other file.
    File {
        /// The file.
        #[serde(flatten)]
        media: Media,
        /// Its name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
    },
    /// The model's thinking.
    Reasoning {
        /// What of it the vendor shows; may be empty.
        text: String,
        /// The vendor's proof of it, to be sent back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        signature: Option<Signature>,
    },
    /// The model declines.
    Refusal {
        /// Its words.
        text: String,
    },
    /// The model calls a tool.
    ToolCall(ToolCall),
    /// What a tool gave.
    ToolResult(ToolResult),
}

impl Part {
    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into(), signature: None }
    }

    /// An image.
    pub fn image(media: Media) -> Self {
        Self::Image { media, detail: None }
    }

    /// A file with its name.
    pub fn file(media: Media, name: impl Into<String>) -> Self {
        Self::File { media, name: Some(name.into()) }
    }

    /// The text, where it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text { text, .. } => Some(text),
            _ => None,
        }
    }

    /// Takes a mark away that somebody else than this vendor made: he alone can read it. Thinking that bore it goes with it:
    /// without its mark it would pass for this vendor's own.
    pub(crate) fn forget_unless_from(&mut self, provider: &str) {
        let is_foreign = |mark: &mut Signature| !mark.provider.is_empty() && mark.provider != provider;
        let (signature, text) = match self {
            Self::Reasoning { text, signature } => (signature, Some(text)),
            Self::Text { signature, .. } | Self::ToolCall(ToolCall { signature, .. }) => (signature, None),
            _ => return,
        };
        if signature.take_if(is_foreign).is_some() {
            text.into_iter().for_each(String::clear);
        }
    }

    /// The word for its kind, as in JSON.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Text { .. } => "text",
            Self::Image { .. } => "image",
            Self::File { .. } => "file",
            Self::Reasoning { .. } => "reasoning",
            Self::Refusal { .. } => "refusal",
            Self::ToolCall(_) => "tool_call",
            Self::ToolResult(_) => "tool_result",
        }
    }

    /// The bytes of its texts; what an image or a file costs a model, its bytes do not tell.
    pub(crate) fn text_bytes(&self) -> usize {
        match self {
            Self::Text { text, .. } | Self::Reasoning { text, .. } | Self::Refusal { text } => text.len(),
            Self::ToolCall(call) => call.name.len() + call.arguments.len(),
            Self::ToolResult(result) => result.content.iter().map(Self::text_bytes).sum(),
            Self::Image { .. } | Self::File { .. } => 0,
        }
    }

    /// Roughly how many bytes it takes on the wire.
    pub(crate) fn weight(&self) -> usize {
        let media = |media: &Media| match media {
            Media::Base64 { data, .. } => data.len(),
            Media::Url { url, .. } => url.len(),
            Media::Uploaded { file_id } => file_id.len(),
        };
        let signed = |signature: &Option<Signature>| signature.as_ref().map_or(0, |mark| mark.value.len());
        48 + match self {
            Self::Text { text, signature } | Self::Reasoning { text, signature } => {
                text.len() + signed(signature)
            }
            Self::Refusal { text } => text.len(),
            Self::Image { media: of, .. } | Self::File { media: of, .. } => media(of),
            Self::ToolCall(call) => call.name.len() + call.arguments.len() + signed(&call.signature),
            Self::ToolResult(result) => result.content.iter().map(Self::weight).sum(),
        }
    }
}

/// What a vendor wants to have back exactly as it sent it, or the next turn is refused or forgets: of thinking, a
/// signature; of hidden thinking, its cipher. Nobody else is sent it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// The wire it came by.
    pub wire: Cow<'static, str>,
    /// Who sent it; nobody in particular where it is empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub provider: String,
    /// What came.
    pub value: String,
}

impl Signature {
    /// A mark that came by a wire.
    pub(crate) fn new(wire: &'static str, value: impl Into<String>) -> Self {
        Self { wire: Cow::Borrowed(wire), provider: String::new(), value: value.into() }
    }
}

/// A call of a tool that a model asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ToolCall {
    /// The vendor's id, to answer with; some give none.
    #[serde(default)]
    pub id: Option<String>,
    /// The tool.
    pub name: String,
    /// The arguments as JSON text; not valid JSON when the model was cut off.
    #[serde(deserialize_with = "text_or_json")]
    pub arguments: String,
    /// The vendor called the tool itself: nobody is to answer, and it is not sent back, since its result is not kept.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub provider_executed: bool,
    /// The vendor's mark on it, to be sent back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signature>,
}

impl ToolCall {
    /// A call with its arguments as JSON text.
    pub fn new(name: impl Into<String>, arguments: impl Into<String>) -> Self {
        let (name, arguments) = (name.into(), arguments.into());
        Self { id: None, name, arguments, provider_executed: false, signature: None }
    }

    /// Names the call.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }
}

/// What a tool gave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ToolResult {
    /// The call's id. Without one, results answer the calls of the turn before in order.
    #[serde(default)]
    pub id: Option<String>,
    /// The tool.
    #[serde(default)]
    pub name: String,
    /// What it gave: texts, and images or files where the wire takes them.
    #[serde(serialize_with = "super::write_content", deserialize_with = "super::read_content")]
    pub content: Vec<Part>,
    /// Whether the tool failed; the content then says how.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_error: bool,
}

impl ToolResult {
    /// A result of a tool.
    pub fn new(name: impl Into<String>, content: Vec<Part>) -> Self {
        Self { id: None, name: name.into(), content, is_error: false }
    }

    /// Names the call that it answers.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Says that the tool failed.
    #[must_use]
    pub fn failed(mut self) -> Self {
        self.is_error = true;
        self
    }

    /// Its texts as one; borrowed where it is one already.
    pub(crate) fn text(&self) -> Cow<'_, str> {
        let mut texts = self.content.iter().filter_map(Part::as_text);
        match (texts.next(), texts.next()) {
            (None, _) => Cow::Borrowed(""),
            (Some(one), None) => Cow::Borrowed(one),
            (Some(one), Some(two)) => {
                Cow::Owned([one, two].into_iter().chain(texts).collect::<Vec<_>>().join("\n"))
            }
        }
    }
}

/// Arguments may be written as the object they are.
fn text_or_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::String(text) => text,
        serde_json::Value::Null => String::new(),
        value => value.to_string(),
    })
}
