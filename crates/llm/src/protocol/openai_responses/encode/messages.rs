//! The conversation as input items: a message is one item, a turn of the model's as many as it gave.

use std::borrow::Cow;

use graphbit_core::{Error, Result};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::protocol::address::Address;
use crate::protocol::openai_responses::WIRE;
use crate::{Media, Message, Part, Role, Signature, ToolCall, ToolResult};

/// An item of the input.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Item<'a> {
    FunctionCall {
        call_id: &'a str,
        name: &'a str,
        arguments: &'a str,
    },
    FunctionCallOutput {
        call_id: &'a str,
        output: Content<'a>,
    },
    Message {
        role: Role,
        content: Content<'a>,
    },
    /// The vendor's own item.
    #[serde(untagged)]
    Reasoning(&'a RawValue),
}

/// A text alone is a string.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Content<'a> {
    Text(Cow<'a, str>),
    Pieces(Vec<Piece<'a>>),
}

/// A piece of a message or of a tool's result.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Piece<'a> {
    InputText {
        text: &'a str,
    },
    OutputText {
        text: &'a str,
    },
    Refusal {
        refusal: &'a str,
    },
    InputImage {
        #[serde(skip_serializing_if = "Option::is_none")]
        image_url: Option<Address<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        file_id: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        detail: Option<&'a str>,
    },
    /// A name is wanted with the bytes alone: elsewhere the file has its own.
    InputFile {
        #[serde(skip_serializing_if = "Option::is_none")]
        filename: Option<Cow<'a, str>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        file_data: Option<Address<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        file_url: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        file_id: Option<&'a str>,
    },
}

/// The items of a conversation.
///
/// # Errors
/// `INVALID_INPUT` for what this wire cannot say.
pub(super) fn items(messages: &[Message]) -> Result<Vec<Item<'_>>> {
    let mut items = Vec::with_capacity(messages.len());
    for message in messages {
        if message.role != Role::Assistant {
            end_turn(&mut items);
        }
        match message.role {
            role @ (Role::System | Role::User) => {
                items.push(Item::Message { role, content: content(role, &message.content)? });
            }
            Role::Assistant => turn(&message.content, &mut items)?,
            Role::Tool => {
                for part in &message.content {
                    let Part::ToolResult(result) = part else { return Err(unsayable(Role::Tool, part)) };
                    items.push(output(result)?);
                }
            }
        }
    }
    end_turn(&mut items);
    Ok(items)
}

/// Thinking must be followed by what came of it, or the request is refused.
fn end_turn(items: &mut Vec<Item<'_>>) {
    while let Some(Item::Reasoning(_)) = items.last() {
        items.pop();
    }
}

/// What the model gave in one turn, in its order.
fn turn<'a>(parts: &'a [Part], items: &mut Vec<Item<'a>>) -> Result<()> {
    let mut said = Vec::new();
    for part in parts {
        match part {
            Part::Text { text, .. } if text.is_empty() => {}
            Part::Text { text, .. } => said.push(Piece::OutputText { text }),
            Part::Refusal { text } => said.push(Piece::Refusal { refusal: text }),
            Part::Reasoning { signature, .. } => {
                if let Some(item) = signature.as_ref().and_then(echo) {
                    items.extend(message(&mut said));
                    items.push(Item::Reasoning(item));
                }
            }
            Part::ToolCall(ToolCall { id, name, arguments, .. }) => {
                items.extend(message(&mut said));
                items.push(Item::FunctionCall {
                    call_id: id.as_deref().unwrap_or_default(),
                    name,
                    // What is read back has to be JSON, also of a tool without arguments.
                    arguments: if arguments.is_empty() { "{}" } else { arguments },
                });
            }
            Part::Image { .. } | Part::File { .. } | Part::ToolResult(_) => {
                return Err(unsayable(Role::Assistant, part));
            }
        }
    }
    items.extend(message(&mut said));
    Ok(())
}

/// What the model has said so far, where that is something.
fn message<'a>(said: &mut Vec<Piece<'a>>) -> Option<Item<'a>> {
    let content = match std::mem::take(said) {
        said if said.is_empty() => return None,
        said => match said.as_slice() {
            [Piece::OutputText { text }] => Content::Text(Cow::Borrowed(text)),
            _ => Content::Pieces(said),
        },
    };
    Some(Item::Message { role: Role::Assistant, content })
}

/// The vendor's item of thinking, where this wire brought one.
fn echo(signature: &Signature) -> Option<&RawValue> {
    let value = Some(&signature.value).filter(|_| signature.wire == WIRE)?;
    serde_json::from_str::<&RawValue>(value).ok().filter(|item| item.get().starts_with('{'))
}

fn output(result: &ToolResult) -> Result<Item<'_>> {
    let is_text = result.content.iter().all(|part| part.as_text().is_some());
    let output = if is_text { Content::Text(result.text()) } else { content(Role::Tool, &result.content)? };
    Ok(Item::FunctionCallOutput { call_id: result.id.as_deref().unwrap_or_default(), output })
}

fn content(role: Role, parts: &[Part]) -> Result<Content<'_>> {
    match parts {
        [Part::Text { text, .. }] => Ok(Content::Text(Cow::Borrowed(text))),
        _ => parts.iter().map(|part| input(role, part)).collect::<Result<_>>().map(Content::Pieces),
    }
}

/// A piece that somebody else than the model said.
fn input(role: Role, part: &Part) -> Result<Piece<'_>> {
    Ok(match part {
        Part::Text { text, .. } => Piece::InputText { text },
        Part::Image { media, detail } => {
            let file_id = match media {
                Media::Uploaded { file_id } => Some(&**file_id),
                _ => None,
            };
            Piece::InputImage { image_url: Address::of(media), file_id, detail: detail.as_deref() }
        }
        Part::File { media, name } => {
            if let Some(kind @ ("audio" | "video")) =
                media.media_type().and_then(|kind| kind.split('/').next())
            {
                return Err(Error::invalid_input(format!(
                    "the Responses API takes no {kind} files; transcribe it first, or ask by the vendor's chat completions"
                )));
            }
            file(media, name.as_deref())
        }
        _ => return Err(unsayable(role, part)),
    })
}

fn file<'a>(media: &'a Media, name: Option<&'a str>) -> Piece<'a> {
    let (mut filename, mut file_data, mut file_url, mut file_id) = (None, None, None, None);
    match media {
        Media::Base64 { media_type, .. } => {
            let kind = media_type.rsplit('/').next().unwrap_or_default();
            filename = Some(name.map_or_else(|| format!("file.{kind}").into(), Cow::Borrowed));
            file_data = Address::of(media);
        }
        Media::Url { url, .. } => file_url = Some(&**url),
        Media::Uploaded { file_id: id } => file_id = Some(&**id),
    }
    Piece::InputFile { filename, file_data, file_url, file_id }
}

fn unsayable(role: Role, part: &Part) -> Error {
    let (role, kind) = (role.as_str(), part.kind());
    let advice = if matches!(part, Part::Image { .. } | Part::File { .. }) {
        "put it into a user message"
    } else {
        "leave it out"
    };
    Error::invalid_input(format!(
        "the Responses API takes no part of type {kind:?} in a message of role {role}; {advice}"
    ))
}
