//! The conversation: instructions apart, and turns of blocks.

use std::borrow::Cow;

use graphbit_core::{Error, Result};
use serde::Serialize;
use serde_json::value::RawValue;

use super::super::reasoning::Proof;
use super::media::{Medium, Names};
use super::models::Model;
use crate::protocol::arguments;
use crate::{Message, Part, Role, ToolResult};

/// The most marks for the cache in one request. Source: Amazon Bedrock user guide, "Prompt caching".
const MOST_MARKS: usize = 4;

/// A piece of content. It says what it is by the one member that it has.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Block<'a> {
    Text(Cow<'a, str>),
    Image(Medium<'a>),
    Document(Medium<'a>),
    Audio(Medium<'a>),
    Video(Medium<'a>),
    ReasoningContent(Proof<'a>),
    #[serde(rename_all = "camelCase")]
    ToolUse {
        tool_use_id: Cow<'a, str>,
        name: &'a str,
        input: &'a RawValue,
    },
    #[serde(rename_all = "camelCase")]
    ToolResult {
        tool_use_id: Cow<'a, str>,
        content: Vec<Block<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<&'static str>,
    },
    CachePoint {
        r#type: &'static str,
    },
}

/// What one side says.
#[derive(Serialize)]
pub(super) struct Turn<'a> {
    role: Role,
    content: Vec<Block<'a>>,
}

/// The instructions and the turns.
#[derive(Default)]
pub(super) struct Conversation<'a> {
    pub(super) system: Vec<Block<'a>>,
    pub(super) turns: Vec<Turn<'a>>,
    names: Names,
}

impl<'a> Conversation<'a> {
    pub(super) fn read(messages: &'a [Message], model: &Model) -> Result<Self> {
        let mut said = Self::default();
        let marks = messages.iter().filter(|message| message.cache).count();
        // Marks are hints: of too many the last hold, which cover the most.
        let mut unheard = if model.caches { marks.saturating_sub(MOST_MARKS) } else { marks };
        for message in messages {
            let mut blocks = said.blocks(message, model)?;
            if message.cache && unheard > 0 {
                unheard -= 1;
            } else if message.cache && !blocks.is_empty() {
                blocks.push(Block::CachePoint { r#type: "default" });
            }
            said.add(message.role, blocks);
        }
        if said.turns.is_empty() {
            return Err(Error::invalid_input(
                "the conversation is blank: Bedrock wants a user message with content",
            ));
        }
        Ok(said)
    }

    /// One more instruction.
    pub(super) fn instruct(&mut self, text: String) {
        self.system.push(Block::Text(Cow::Owned(text)));
    }

    fn add(&mut self, role: Role, blocks: Vec<Block<'a>>) {
        let role = if role == Role::Tool { Role::User } else { role };
        match self.turns.last_mut() {
            _ if blocks.is_empty() => {}
            _ if role == Role::System => self.system.extend(blocks),
            Some(last) if last.role == role => last.content.extend(blocks),
            _ => self.turns.push(Turn { role, content: blocks }),
        }
    }

    fn blocks(&mut self, message: &'a Message, model: &Model) -> Result<Vec<Block<'a>>> {
        let mut blocks = Vec::with_capacity(message.content.len());
        for part in &message.content {
            blocks.extend(self.block(part, model)?);
        }
        Ok(blocks)
    }

    fn block(&mut self, part: &'a Part, model: &Model) -> Result<Option<Block<'a>>> {
        Ok(match part {
            Part::Text { text, .. } | Part::Refusal { text } => {
                (!text.trim().is_empty()).then_some(Block::Text(Cow::Borrowed(text)))
            }
            Part::Image { media, .. } => Some(Medium::image(media)?),
            Part::File { media, name } => Some(Medium::file(media, name.as_deref(), &mut self.names)?),
            Part::Reasoning { text, signature } => {
                signature.as_ref().and_then(|mark| Proof::of(text, mark)).map(Block::ReasoningContent)
            }
            Part::ToolCall(call) => Some(Block::ToolUse {
                tool_use_id: id(call.id.as_deref()),
                name: &call.name,
                input: arguments::object(call)?,
            }),
            Part::ToolResult(result) => Some(self.result(result, model)?),
        })
    }

    fn result(&mut self, result: &'a ToolResult, model: &Model) -> Result<Block<'a>> {
        let mut content = Vec::with_capacity(result.content.len());
        for part in &result.content {
            let block = self.block(part, model)?;
            if matches!(block, Some(Block::Audio(_))) {
                return Err(Error::invalid_input(
                    "a tool result cannot hold a sound on Bedrock's Converse wire: put it into the user message after it",
                ));
            }
            content.extend(block);
        }
        let status = (result.is_error && model.status).then_some("error");
        Ok(Block::ToolResult { tool_use_id: id(result.id.as_deref()), content, status })
    }
}

/// Ids of other vendors' calls may hold what Bedrock refuses: letters, digits, `_` and `-`, at most 64, are taken.
fn id(id: Option<&str>) -> Cow<'_, str> {
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let id = id.unwrap_or_default();
    if id.len() <= 64 && id.chars().all(known) {
        return Cow::Borrowed(id);
    }
    // Of a long one the end tells it apart.
    let kept: Vec<char> = id.chars().map(|c| if known(c) { c } else { '_' }).collect();
    Cow::Owned(kept.iter().skip(kept.len().saturating_sub(64)).collect())
}
