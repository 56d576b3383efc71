//! The instructions, and the turns of the conversation.

use graphbit_core::Result;
use serde::Serialize;

use super::content::{self, Block};
use crate::protocol::body;
use crate::{Message, Role};

/// The most marks of a request.
const MOST_MARKS: usize = 4;

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
    let mut marks = Marks::of(messages);
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

fn blocks<'a>(messages: impl IntoIterator<Item = &'a Message>, marks: &mut Marks) -> Result<Vec<Block<'a>>> {
    let mut all = Vec::new();
    for message in messages {
        let mut blocks = message.content.iter().map(|part| content::block(part, message.role));
        let first = all.len();
        blocks.try_for_each(|block| block.map(|block| all.extend(block)))?;
        marks.put(message, all.get_mut(first..).unwrap_or_default());
    }
    Ok(all)
}

/// Where the vendor is asked to keep what it has read so far.
struct Marks {
    /// How many of the first are passed over, so that the last remain.
    passed: usize,
}

impl Marks {
    fn of(messages: &[Message]) -> Self {
        let asked = messages.iter().filter(|message| message.cache).count();
        Self { passed: asked.saturating_sub(MOST_MARKS) }
    }

    fn put(&mut self, message: &Message, blocks: &mut [Block<'_>]) {
        if !message.cache {
            return;
        }
        match self.passed.checked_sub(1) {
            Some(passed) => self.passed = passed,
            None => {
                if let Some(last) = blocks.iter_mut().rfind(|block| block.can_be_marked()) {
                    last.mark();
                }
            }
        }
    }
}
