//! Parts of messages as blocks of content.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use graphbit_core::{Error, Result};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::protocol::anthropic::{HIDDEN, WIRE};
use crate::protocol::cache_marks::CacheControl;
use crate::protocol::ids;
use crate::{Media, Part, Role, ToolCall, ToolResult};

/// The longest id of a call.
const LONGEST_ID: usize = 64;

/// A block of content.
#[derive(Serialize)]
pub(super) struct Block<'a> {
    #[serde(flatten)]
    kind: Kind<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_control: Option<CacheControl>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Kind<'a> {
    Text {
        text: Cow<'a, str>,
    },
    Image {
        source: Source<'a>,
    },
    Document {
        source: Source<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        title: Option<&'a str>,
    },
    Thinking {
        thinking: &'a str,
        signature: &'a str,
    },
    RedactedThinking {
        data: &'a str,
    },
    ToolUse {
        id: Cow<'a, str>,
        name: &'a str,
        input: Input<'a>,
    },
    ToolResult {
        tool_use_id: Cow<'a, str>,
        #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "plain")]
        content: Vec<Block<'a>>,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        is_error: bool,
    },
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Source<'a> {
    Base64 { media_type: &'a str, data: &'a str },
    Url { url: &'a str },
    File { file_id: &'a str },
    Text { media_type: &'static str, data: String },
}

/// The arguments of a call, which are an object on this wire. What is none is wrapped as the vendor suggests ("Fine-grained
/// tool streaming"), so that the model may be told of it.
#[derive(Serialize)]
#[serde(untagged)]
enum Input<'a> {
    Object(&'a RawValue),
    Nothing {},
    Invalid {
        #[serde(rename = "INVALID_JSON")]
        text: &'a str,
    },
}

impl<'a> Block<'a> {
    pub(super) fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Kind::Text { text: text.into() }.into()
    }

    /// Thinking cannot be.
    pub(super) fn can_be_marked(&self) -> bool {
        !matches!(self.kind, Kind::Thinking { .. } | Kind::RedactedThinking { .. })
    }

    pub(super) fn mark(&mut self) {
        self.cache_control = Some(CacheControl::Ephemeral);
    }
}

impl<'a> From<Kind<'a>> for Block<'a> {
    fn from(kind: Kind<'a>) -> Self {
        Self { kind, cache_control: None }
    }
}

/// One text without a mark is written as the string that it is.
pub(super) fn plain<S: Serializer>(
    blocks: &[Block<'_>],
    serializer: S,
) -> std::result::Result<S::Ok, S::Error> {
    match blocks {
        [Block { kind: Kind::Text { text }, cache_control: None }] => serializer.serialize_str(text),
        blocks => serializer.collect_seq(blocks),
    }
}

/// A part as a block; `None` for what is left out: empty texts, which the vendor refuses, and thinking of another wire.
///
/// # Errors
/// `INVALID_INPUT` for what this wire has no place for.
pub(super) fn block(part: &Part, role: Role) -> Result<Option<Block<'_>>> {
    Ok(Some(match part {
        Part::Text { text, .. } | Part::Refusal { text } if text.is_empty() => return Ok(None),
        Part::Text { text, .. } | Part::Refusal { text } => Block::text(text),
        Part::Image { .. } | Part::File { .. } if role == Role::Assistant => {
            return Err(Error::invalid_input(format!(
                "Claude takes no part of type {:?} in an assistant message: put it into a user message",
                part.kind()
            )));
        }
        Part::Image { media, .. } => Kind::Image { source: source(media) }.into(),
        Part::File { media, name } => file(media, name.as_deref())?.into(),
        Part::Reasoning { text, signature } => {
            let Some(signature) = signature.as_ref().filter(|signature| signature.wire == WIRE) else {
                return Ok(None);
            };
            match signature.value.strip_prefix(HIDDEN) {
                Some(data) => Kind::RedactedThinking { data },
                None => Kind::Thinking { thinking: text, signature: &signature.value },
            }
            .into()
        }
        Part::ToolCall(call) => Kind::ToolUse {
            id: ids::plain(call.id.as_deref(), LONGEST_ID),
            name: &call.name,
            input: input(call),
        }
        .into(),
        Part::ToolResult(result) => tool_result(result)?.into(),
    }))
}

fn tool_result(result: &ToolResult) -> Result<Kind<'_>> {
    let mut content = Vec::with_capacity(result.content.len());
    for part in &result.content {
        content.extend(block(part, Role::Tool)?);
    }
    Ok(Kind::ToolResult {
        tool_use_id: ids::plain(result.id.as_deref(), LONGEST_ID),
        content,
        is_error: result.is_error,
    })
}

fn input(call: &ToolCall) -> Input<'_> {
    match (call.arguments.trim(), serde_json::from_str::<&RawValue>(&call.arguments)) {
        ("", _) => Input::Nothing {},
        (_, Ok(raw)) if raw.get().starts_with('{') => Input::Object(raw),
        _ => Input::Invalid { text: &call.arguments },
    }
}

fn source(media: &Media) -> Source<'_> {
    match media {
        Media::Base64 { media_type, data } => Source::Base64 { media_type, data },
        Media::Url { url, .. } => Source::Url { url },
        Media::Uploaded { file_id } => Source::File { file_id },
    }
}

fn file<'a>(media: &'a Media, title: Option<&'a str>) -> Result<Kind<'a>> {
    let media_type = media.media_type().map(|media_type| media_type.split(';').next().unwrap_or_default());
    let source = match (media_type, media) {
        (Some(media_type), _) if media_type.starts_with("image/") => {
            return Ok(Kind::Image { source: source(media) });
        }
        (None | Some("application/pdf"), _) => source(media),
        (Some(media_type), Media::Base64 { data, .. }) if is_text(media_type) => {
            let bytes = STANDARD.decode(data).ok().map(String::from_utf8);
            let Some(Ok(data)) = bytes else {
                return Err(Error::invalid_input(format!(
                    "a file of type {media_type:?} must be text in UTF-8 for Claude: convert it"
                )));
            };
            Source::Text { media_type: "text/plain", data }
        }
        (Some(media_type), _) => {
            let message = match is_text(media_type) {
                true => format!("Claude reads no file of type {media_type:?} by its address: send its bytes"),
                false => format!(
                    "Claude takes no file of type {media_type:?}: send it as PDF, as text, or as images"
                ),
            };
            return Err(Error::invalid_input(message));
        }
    };
    Ok(Kind::Document { source, title })
}

fn is_text(media_type: &str) -> bool {
    media_type.starts_with("text/") || matches!(media_type, "application/json" | "application/xml")
}
