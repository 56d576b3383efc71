//! The conversation: a message has one text, and beside it images, thinking and calls.

use std::borrow::Cow;

use graphbit_core::{Error, Result};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::protocol::arguments;
use crate::protocol::ollama::WIRE;
use crate::{Media, Part, Role, Signature, ToolCall};

#[derive(Serialize)]
pub(super) struct Message<'a> {
    role: Role,
    content: Cow<'a, str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    thinking: Cow<'a, str>,
    /// Bytes in base64.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    images: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<Call<'a>>,
    /// Of a result: the tool.
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_name: Option<&'a str>,
}

#[derive(Serialize)]
struct Call<'a> {
    r#type: &'static str,
    function: Function<'a>,
}

#[derive(Serialize)]
struct Function<'a> {
    name: &'a str,
    /// An object, not a string.
    arguments: &'a RawValue,
}

impl<'a> Message<'a> {
    fn new(role: Role) -> Self {
        let (content, thinking) = (Cow::Borrowed(""), Cow::Borrowed(""));
        Self { role, content, thinking, images: Vec::new(), tool_calls: Vec::new(), tool_name: None }
    }

    fn add(&mut self, part: &'a Part) -> Result<()> {
        match part {
            Part::Text { text, .. } | Part::Refusal { text } => join(&mut self.content, text),
            Part::Reasoning { text, signature } if is_ours(signature) => join(&mut self.thinking, text),
            Part::Image { media, .. } | Part::File { media, .. } => self.images.push(image(media, part)?),
            Part::ToolCall(call) => self.tool_calls.push(Call::of(call)?),
            Part::Reasoning { .. } | Part::ToolResult(_) => {}
        }
        Ok(())
    }
}

impl<'a> Call<'a> {
    fn of(call: &'a ToolCall) -> Result<Self> {
        let function = Function { name: &call.name, arguments: arguments::object(call)? };
        Ok(Self { r#type: "function", function })
    }
}

/// The messages; every result is one of its own.
pub(super) fn read(messages: &[crate::Message]) -> Result<Vec<Message<'_>>> {
    let mut said = Vec::with_capacity(messages.len());
    for message in messages {
        if message.role == Role::Tool {
            for part in &message.content {
                let Part::ToolResult(result) = part else { continue };
                let mut one = Message::new(Role::Tool);
                one.tool_name = Some(&*result.name).filter(|name| !name.is_empty());
                result.content.iter().try_for_each(|part| one.add(part))?;
                said.push(one);
            }
        } else {
            let mut one = Message::new(message.role);
            message.content.iter().try_for_each(|part| one.add(part))?;
            said.push(one);
        }
    }
    Ok(said)
}

/// One more instruction, before the turns.
pub(super) fn instruct(messages: &mut Vec<Message<'_>>, text: String) {
    let at = messages.iter().take_while(|message| message.role == Role::System).count();
    let mut one = Message::new(Role::System);
    one.content = Cow::Owned(text);
    messages.insert(at, one);
}

fn join<'a>(into: &mut Cow<'a, str>, text: &'a str) {
    if into.is_empty() {
        *into = Cow::Borrowed(text);
    } else if !text.is_empty() {
        let whole = into.to_mut();
        whole.push('\n');
        whole.push_str(text);
    }
}

/// Thinking comes without a mark; what bears one is another wire's.
fn is_ours(signature: &Option<Signature>) -> bool {
    signature.as_ref().is_none_or(|mark| mark.wire == WIRE)
}

fn image<'a>(media: &'a Media, part: &Part) -> Result<&'a str> {
    let kind = media.media_type().unwrap_or_default();
    let is_image = kind.starts_with("image/") || (kind.is_empty() && matches!(part, Part::Image { .. }));
    match media {
        _ if !is_image => Err(Error::invalid_input(format!(
            "Ollama's wire takes images, no {} of type {kind:?}: put its text into the message, or pages of it as images",
            part.kind()
        ))),
        Media::Base64 { data, .. } => Ok(data),
        Media::Url { .. } | Media::Uploaded { .. } => Err(Error::invalid_input(
            "Ollama's wire takes an image as bytes only: pass the bytes of the image, not where it is",
        )),
    }
}
