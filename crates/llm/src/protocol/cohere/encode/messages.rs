//! The conversation.

use std::borrow::Cow;

use graphbit_core::{Error, Result};
use serde::Serialize;

use crate::protocol::address::Address;
use crate::protocol::cohere::WIRE;
use crate::{Media, Part, Role, ToolCall};

#[derive(Serialize)]
pub(super) struct Message<'a> {
    role: Role,
    #[serde(skip_serializing_if = "Content::is_nothing")]
    content: Content<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<Call<'a>>,
    /// Of a result: the call's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_call_id: Option<&'a str>,
}

/// A text alone is a string.
#[derive(Serialize)]
#[serde(untagged)]
enum Content<'a> {
    Text(Cow<'a, str>),
    Pieces(Vec<Piece<'a>>),
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Piece<'a> {
    Text { text: &'a str },
    Thinking { thinking: &'a str },
    ImageUrl { image_url: Image<'a> },
}

#[derive(Serialize)]
struct Image<'a> {
    url: Address<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
}

#[derive(Serialize)]
struct Call<'a> {
    id: &'a str,
    r#type: &'static str,
    function: Function<'a>,
}

#[derive(Serialize)]
struct Function<'a> {
    name: &'a str,
    /// JSON in a string.
    arguments: &'a str,
}

impl Content<'_> {
    fn is_nothing(&self) -> bool {
        matches!(self, Self::Pieces(pieces) if pieces.is_empty())
    }
}

impl<'a> From<Vec<Piece<'a>>> for Content<'a> {
    fn from(pieces: Vec<Piece<'a>>) -> Self {
        match pieces.as_slice() {
            [Piece::Text { text }] => Self::Text(Cow::Borrowed(text)),
            _ => Self::Pieces(pieces),
        }
    }
}

/// The messages; every result is one of its own.
pub(super) fn read(messages: &[crate::Message]) -> Result<Vec<Message<'_>>> {
    let mut said = Vec::with_capacity(messages.len());
    for message in messages {
        if message.role == Role::Tool {
            for part in &message.content {
                let Part::ToolResult(result) = part else { continue };
                let content = match pieces(&result.content, Role::Tool)? {
                    none if none.is_empty() => Content::Text(Cow::Borrowed("")), // demanded here
                    pieces => pieces.into(),
                };
                let tool_call_id = result.id.as_deref();
                said.push(Message { role: Role::Tool, content, tool_calls: Vec::new(), tool_call_id });
            }
        } else {
            let tool_calls = message.tool_calls().map(call).collect();
            let content = pieces(&message.content, message.role)?.into();
            let one = Message { role: message.role, content, tool_calls, tool_call_id: None };
            if !one.content.is_nothing() || !one.tool_calls.is_empty() {
                said.push(one);
            }
        }
    }
    Ok(said)
}

/// One more instruction, before the turns.
pub(super) fn instruct(messages: &mut Vec<Message<'_>>, text: String) {
    let at = messages.iter().take_while(|message| message.role == Role::System).count();
    let content = Content::Text(Cow::Owned(text));
    messages.insert(at, Message { role: Role::System, content, tool_calls: Vec::new(), tool_call_id: None });
}

fn call(call: &ToolCall) -> Call<'_> {
    let arguments = if call.arguments.trim().is_empty() { "{}" } else { &call.arguments };
    let function = Function { name: &call.name, arguments };
    Call { id: call.id.as_deref().unwrap_or_default(), r#type: "function", function }
}

fn pieces(parts: &[Part], role: Role) -> Result<Vec<Piece<'_>>> {
    let mut pieces = Vec::with_capacity(parts.len());
    for part in parts {
        match part {
            // What is nothing but another vendor's mark on it is nothing here.
            Part::Text { text, .. } if text.is_empty() && role == Role::Assistant => {}
            Part::Text { text, .. } | Part::Refusal { text } => pieces.push(Piece::Text { text }),
            // Thinking comes without a mark; what bears one is another wire's.
            Part::Reasoning { text, signature }
                if !text.is_empty() && signature.as_ref().is_none_or(|mark| mark.wire == WIRE) =>
            {
                pieces.push(Piece::Thinking { thinking: text });
            }
            Part::Image { media, detail } if role == Role::User => {
                let url = address(media)?;
                pieces.push(Piece::ImageUrl { image_url: Image { url, detail: detail.as_deref() } });
            }
            Part::File { media, .. }
                if role == Role::User
                    && media.media_type().is_some_and(|kind| kind.starts_with("image/")) =>
            {
                pieces.push(Piece::ImageUrl { image_url: Image { url: address(media)?, detail: None } });
            }
            Part::Image { .. } => {
                let whose = if role == Role::Tool { "a tool's result" } else { "an assistant message" };
                return Err(Error::invalid_input(format!(
                    "Cohere's wire takes no image in {whose}: put it into a user message"
                )));
            }
            Part::File { .. } => {
                return Err(Error::invalid_input(
                    "Cohere's wire takes no files: put the file's text into the message, or pages of it as images",
                ));
            }
            Part::Reasoning { .. } | Part::ToolCall(_) | Part::ToolResult(_) => {}
        }
    }
    Ok(pieces)
}

fn address(media: &Media) -> Result<Address<'_>> {
    let uploaded = "Cohere's wire has no uploaded images: pass the bytes of the image or its address";
    Address::of(media).ok_or_else(|| Error::invalid_input(uploaded))
}
