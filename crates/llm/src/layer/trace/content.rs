//! Prompts and replies as the conventions' JSON
//! (<https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-input-messages.json>).

use serde_json::{Value, json};

use crate::{Event, FinishReason, Media, Message, Part, Response};

/// The messages that are asked. Bytes of images and files are left out.
pub(super) fn input(messages: &[Message]) -> String {
    let said = |message: &Message| json!({ "role": message.role, "parts": message.content.iter().map(part).collect::<Value>() });
    messages.iter().map(said).collect::<Value>().to_string()
}

fn part(part: &Part) -> Value {
    match part {
        Part::Text { text, .. } | Part::Refusal { text } => json!({ "type": "text", "content": text }),
        Part::Reasoning { text, .. } => json!({ "type": "reasoning", "content": text }),
        Part::ToolCall(call) => json!({
            "type": "tool_call", "id": call.id, "name": call.name, "arguments": arguments(&call.arguments),
        }),
        Part::ToolResult(result) => {
            json!({ "type": "tool_call_response", "id": result.id, "response": result.text() })
        }
        Part::Image { media, .. } => self::media("image", media),
        Part::File { media, .. } => self::media("document", media),
    }
}

fn media(modality: &str, media: &Media) -> Value {
    match media {
        Media::Url { url, .. } => json!({ "type": "uri", "modality": modality, "uri": url }),
        Media::Uploaded { file_id } => json!({ "type": "file", "modality": modality, "file_id": file_id }),
        Media::Base64 { media_type, .. } => {
            json!({ "type": "blob", "modality": modality, "mime_type": media_type })
        }
    }
}

/// Arguments that were cut off are no JSON; they stay text.
fn arguments(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

/// A reply as it arrives.
#[derive(Default)]
pub(super) struct Output {
    reply: Response,
    bytes: usize,
}

impl Output {
    pub(super) fn add(&mut self, event: &Event) {
        /// Of text and arguments.
        const MOST: usize = 1 << 20;
        match event {
            Event::Delta { text, .. } => self.bytes += text.len(),
            Event::PartStarted { .. } => self.bytes += size_of::<Event>(),
            _ => return, // nothing else is told here
        }
        if self.bytes <= MOST {
            self.reply.add(event.clone());
        }
    }

    /// The reply as one message.
    pub(super) fn messages(&mut self, reason: FinishReason) -> String {
        let reply = std::mem::take(&mut self.reply);
        let parts: Value = reply.message().content.iter().map(part).collect();
        json!([{ "role": "assistant", "parts": parts, "finish_reason": reason.as_str() }]).to_string()
    }
}
