//! The conversation, one line a message; a tool message is a line for each result.

use std::borrow::Cow;

use graphbit_core::Result;
use serde::Serialize;
use smallvec::SmallVec;

use super::assistant::Assistant;
use super::content::{Content, unsaid};
use super::ids;
use crate::protocol::cache_marks::CacheMarks;
use crate::vendor::Chat;
use crate::{Message, Part, ReasoningEffort, Request, Role, ToolResult};

/// A message.
#[derive(Serialize)]
#[serde(tag = "role", rename_all = "lowercase")]
pub(super) enum Line<'a> {
    System { content: Content<'a> },
    User { content: Content<'a> },
    Assistant(Assistant<'a>),
    Tool { tool_call_id: Cow<'a, str>, content: Content<'a> },
}

/// A conversation's lines; those of a plain prompt without a block of their own.
pub(super) type Lines<'a> = SmallVec<[Line<'a>; 3]>;

/// The conversation. An instruction joins the first system message, because some servers take only one.
pub(super) fn of<'a>(
    chat: &Chat,
    request: &'a Request,
    mut instruction: Option<String>,
) -> Result<Lines<'a>> {
    let messages = &request.messages;
    let mut lines = Lines::with_capacity(messages.len() + 1);
    if !messages.iter().any(|message| message.role == Role::System)
        && let Some(text) = instruction.take()
    {
        lines.push(Line::System { content: Content::Text(Cow::Owned(text)) });
    }
    let thinks = request.settings.reasoning_effort != Some(ReasoningEffort::None);
    let mut marks = CacheMarks::of(messages);
    for message in messages {
        match message.role {
            Role::System => {
                let mut content = Content::new(chat, &message.content)?;
                if let Some(text) = instruction.take() {
                    content.also(text);
                }
                lines.push(Line::System { content });
            }
            Role::User => lines.push(Line::User { content: Content::new(chat, &message.content)? }),
            Role::Assistant => {
                check(message)?;
                lines.push(Line::Assistant(Assistant::new(chat, message, thinks)));
            }
            Role::Tool => {
                for part in &message.content {
                    if let Part::ToolResult(result) = part {
                        lines.push(answer(chat, result)?);
                    }
                }
            }
        }
        if chat.cache_marks && marks.take(message) {
            lines.last_mut().into_iter().for_each(Line::mark);
        }
    }
    Ok(lines)
}

impl Line<'_> {
    fn mark(&mut self) {
        let (Self::System { content }
        | Self::User { content }
        | Self::Assistant(Assistant { content, .. })
        | Self::Tool { content, .. }) = self;
        content.mark();
    }
}

/// What a tool gave. The wire has no mark for failure, so the text says it.
fn answer<'a>(chat: &Chat, result: &'a ToolResult) -> Result<Line<'a>> {
    if let Some(part) = result.content.iter().find(|part| part.as_text().is_none()) {
        let what = format!("a tool result with a part of type {:?}", part.kind());
        return Err(unsaid(&what, "say it in text, and put the part into a user message after it"));
    }
    let text = match result.text() {
        text if result.is_error => Cow::Owned(format!("The tool failed: {text}")),
        text => text,
    };
    let id = result.id.as_deref().unwrap_or_default();
    Ok(Line::Tool { tool_call_id: ids::of(id, chat.tool_ids), content: Content::Text(text) })
}

fn check(message: &Message) -> Result<()> {
    match message.content.iter().find(|part| matches!(part, Part::Image { .. } | Part::File { .. })) {
        Some(part) => {
            let what = format!("a part of type {:?} in a message of the assistant", part.kind());
            Err(unsaid(&what, "put it into a message of the user"))
        }
        None => Ok(()),
    }
}
