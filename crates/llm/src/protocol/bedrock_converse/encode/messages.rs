//! The conversation: instructions apart, and turns of blocks.

use std::borrow::Cow;

use graphbit_core::{Error, Result};
use serde::Serialize;
use serde_json::value::RawValue;

use super::media::{Medium, Names};
use super::model::Model;
use crate::protocol::bedrock_converse::reasoning::Proof;
use crate::protocol::cache_marks::CacheMarks;
use crate::protocol::{arguments, ids};
use crate::{Message, Part, Role, ToolResult};

/// The longest id of a call that is taken.
const LONGEST_ID: usize = 64;

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
        let mut marks = CacheMarks::of(messages);
        for message in messages {
            let mut blocks = said.blocks(message, model)?;
            if model.caches && marks.take(message) && !blocks.is_empty() {
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
                tool_use_id: ids::plain(call.id.as_deref(), LONGEST_ID),
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
        Ok(Block::ToolResult { tool_use_id: ids::plain(result.id.as_deref(), LONGEST_ID), content, status })
    }
}
