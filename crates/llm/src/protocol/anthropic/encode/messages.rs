//! The instructions, and the turns of the conversation.

use graphbit_core::Result;
use serde::Serialize;

use super::content::{self, Block};
use crate::protocol::body;
use crate::protocol::cache_marks::CacheMarks;
use crate::{Message, Role};

#[derive(Serialize)]
pub(super) struct Turn<'a> {
    role: &'static str,
    #[serde(serialize_with = "content::plain")]
    content: Vec<Block<'a>>,
}

/// The instructions, wherever they stood, and the turns.
///
/// # Errors
/// `INVALID_INPUT` for what this wire has no place for.
pub(super) fn split(messages: &[Message]) -> Result<(Vec<Block<'_>>, Vec<Turn<'_>>)> {
    let mut marks = CacheMarks::of(messages);
    let (instructions, conversation) = body::split(messages);
    let system = blocks(instructions, &mut marks)?;
    let conversation: Vec<&Message> = conversation.collect();
    let mut turns = Vec::with_capacity(conversation.len());
    let is_told = |message: &Message| message.role != Role::Assistant;
    for group in conversation.chunk_by(|one, next| is_told(one) && is_told(next)) {
        let is_result = |message: &&Message| message.role == Role::Tool;
        let (results, others) = (
            || group.iter().copied().filter(is_result),
            || group.iter().copied().filter(move |message| !is_result(message)),
        );
        if results().next().is_some() {
            turns.push(Turn { role: "user", content: blocks(results().chain(others()), &mut marks)? });
            continue;
        }
        for message in group {
            let mut content = blocks([*message], &mut marks)?;
            let role = if is_told(message) { "user" } else { "assistant" };
            match content.is_empty() {
                true if role == "assistant" => continue, // it held nothing but another wire's thinking
                true => content.push(Block::text("")),
                false => {}
            }
            turns.push(Turn { role, content });
        }
    }
    Ok((system, turns))
}

fn blocks<'a>(
    messages: impl IntoIterator<Item = &'a Message>,
    marks: &mut CacheMarks,
) -> Result<Vec<Block<'a>>> {
    let mut all = Vec::new();
    for message in messages {
        let mut blocks = message.content.iter().map(|part| content::block(part, message.role));
        let first = all.len();
        blocks.try_for_each(|block| block.map(|block| all.extend(block)))?;
        let added = all.get_mut(first..).unwrap_or_default();
        if marks.take(message)
            && let Some(last) = added.iter_mut().rfind(|block| block.can_be_marked())
        {
            last.mark();
        }
    }
    Ok(all)
}
