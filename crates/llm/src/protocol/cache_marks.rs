//! The marks of a conversation for the vendor's cache, on wires where a vendor has to be asked to keep what it has read.

use serde::Serialize;

use crate::Message;

/// The most marks of a request that Anthropic, Alibaba and Bedrock take (their guides on prompt caching).
const MOST: usize = 4;

/// A mark as Anthropic writes it, and who was made after it.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum CacheControl {
    Ephemeral,
}

/// Of too many marks the last hold: they cover what the others cover.
pub(crate) struct CacheMarks {
    passed: usize,
}

impl CacheMarks {
    pub(crate) fn of(messages: &[Message]) -> Self {
        let asked = messages.iter().filter(|message| message.cache).count();
        Self { passed: asked.saturating_sub(MOST) }
    }

    /// Whether this message is marked. To be asked once for each.
    pub(crate) fn take(&mut self, message: &Message) -> bool {
        if message.cache && self.passed > 0 {
            self.passed -= 1;
            return false;
        }
        message.cache
    }
}
