//! What kept bytes are for.

use serde::Serialize;

/// What kept bytes are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Category {
    /// Requests: instructions, messages, tools.
    Prompt,
    /// What models answered.
    Response,
    /// Inputs and outputs of nodes, variables, checkpoints.
    State,
    /// Earlier turns of a conversation.
    History,
    /// Spans, events and logs.
    Trace,
    /// Bytes on their way: bodies, frames, queues.
    Buffer,
}

impl Category {
    pub(super) const ALL: [Self; 6] =
        [Self::Prompt, Self::Response, Self::State, Self::History, Self::Trace, Self::Buffer];
}

/// Bytes by category.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Holdings {
    /// Of [`Category::Prompt`].
    pub prompt: u64,
    /// Of [`Category::Response`].
    pub response: u64,
    /// Of [`Category::State`].
    pub state: u64,
    /// Of [`Category::History`].
    pub history: u64,
    /// Of [`Category::Trace`].
    pub trace: u64,
    /// Of [`Category::Buffer`].
    pub buffer: u64,
}

impl Holdings {
    /// All together.
    pub fn total_bytes(&self) -> u64 {
        let parts = [self.prompt, self.response, self.state, self.history, self.trace, self.buffer];
        parts.into_iter().fold(0, u64::saturating_add)
    }
}
