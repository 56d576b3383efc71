//! What a model is asked: messages and settings, in nobody's wire format.

mod check;
mod settings;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use crate::{Message, OutputSchema, Part, Tool, ToolChoice};

pub use settings::{ReasoningEffort, Settings};

/// One call to a model.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Request {
    /// The conversation, oldest first.
    pub messages: Vec<Message>,
    /// What the caller sets; what is not set is left to the vendor.
    pub settings: Settings,
    /// The tools that the model may call.
    pub tools: Vec<Tool>,
    /// Which of them it may or must call; unset, it decides.
    pub tool_choice: Option<ToolChoice>,
    /// Whether it may call several tools in one turn; unset, the vendor decides.
    pub parallel_tool_calls: Option<bool>,
    /// The form that the answer must have. Where the vendor takes no schema, the model is told in words.
    pub output: Option<OutputSchema>,
    /// Another model of the same vendor than the configured one.
    pub model: Option<String>,
    /// Whether the reply should arrive piece by piece. Unset, the wire delivers it whole, which costs less.
    pub streamed: bool,
    /// The way to a vendor's own options: a JSON Merge Patch (RFC 7396) over the body, in which objects are merged member by
    /// member, `null` takes a member out, and anything else replaces what was there.
    pub extra: Map<String, Value>,
}

impl Request {
    /// A request with one user message.
    pub fn prompt(text: impl Into<String>) -> Self {
        Self::new(vec![Message::user(text)])
    }

    /// A request with a whole conversation.
    pub fn new(messages: Vec<Message>) -> Self {
        Self { messages, ..Self::default() }
    }

    /// Puts a system message first.
    #[must_use]
    pub fn system(mut self, text: impl Into<String>) -> Self {
        self.messages.insert(0, Message::system(text));
        self
    }

    /// Replaces the settings.
    #[must_use]
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// Roughly how many tokens the call may take: a quarter of the bytes that are read, and all that may be written.
    pub(crate) fn estimated_tokens(&self) -> u64 {
        let said = self.text_bytes();
        let told: usize =
            self.tools.iter().map(|tool| tool.parameters.to_string().len() + tool.description.len()).sum();
        ((said + told) as u64).div_ceil(4) + u64::from(self.settings.max_tokens.unwrap_or(0))
    }

    /// The bytes of its messages' text.
    pub fn text_bytes(&self) -> usize {
        self.messages.iter().flat_map(|message| &message.content).map(Part::text_bytes).sum()
    }

    /// Tells the model of tools.
    #[must_use]
    pub fn tools(mut self, tools: impl IntoIterator<Item = Tool>) -> Self {
        self.tools.extend(tools);
        self
    }

    /// Asks for an answer of this form.
    #[must_use]
    pub fn output(mut self, schema: OutputSchema) -> Self {
        self.output = Some(schema);
        self
    }

    /// Asks for the reply piece by piece.
    #[must_use]
    pub fn streamed(mut self) -> Self {
        self.streamed = true;
        self
    }
}
