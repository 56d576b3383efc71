//! A whole reply: the fold of its events.

use futures_util::StreamExt;
use graphbit_core::{Error, ErrorCode, Partial, Result};
use serde::Serialize;

use crate::{Event, EventStream, FinishReason, PartKind, Usage};

/// A reply that has arrived whole.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Response {
    /// The vendor's id of the reply.
    pub id: Option<String>,
    /// The model that answered, as the vendor names it.
    pub model: Option<String>,
    /// The answer.
    pub text: String,
    /// The model's thinking; empty where the vendor shows none.
    pub reasoning: String,
    /// What the model said instead of answering; empty when it did not decline.
    pub refusal: String,
    /// The tools the model wants called.
    pub tool_calls: Vec<ToolCall>,
    /// Why the model ended its turn; `None` only in the partial reply of a failed call.
    pub finish_reason: Option<FinishReason>,
    /// The vendor's word for it.
    pub finish_raw: Option<String>,
    /// The tokens, where the vendor counted them.
    pub usage: Option<Usage>,
    #[serde(skip)]
    parts: Vec<Slot>,
    #[serde(skip)]
    events: u64,
}

/// A call of a tool that a model asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ToolCall {
    /// The vendor's id, to answer with.
    pub id: Option<String>,
    /// The tool.
    pub name: String,
    /// The arguments as JSON text; not valid JSON when the model was cut off.
    pub arguments: String,
}

/// Where the deltas of a part go.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Slot {
    Text,
    Reasoning,
    Refusal,
    ToolCall(usize),
}

impl Response {
    /// Adds one event.
    pub fn add(&mut self, event: Event) {
        self.events += 1;
        match event {
            Event::Started { id, model } => (self.id, self.model) = (id, model),
            Event::PartStarted { kind, .. } => {
                let slot = match kind {
                    PartKind::Text => Slot::Text,
                    PartKind::Reasoning => Slot::Reasoning,
                    PartKind::Refusal => Slot::Refusal,
                    PartKind::ToolCall { id, name } => {
                        self.tool_calls.push(ToolCall { id, name, arguments: String::new() });
                        Slot::ToolCall(self.tool_calls.len() - 1)
                    }
                };
                self.parts.push(slot);
            }
            Event::Delta { part, text } => {
                let target = match self.parts.get(part as usize) {
                    Some(Slot::Text) => &mut self.text,
                    Some(Slot::Reasoning) => &mut self.reasoning,
                    Some(Slot::Refusal) => &mut self.refusal,
                    Some(Slot::ToolCall(index)) => match self.tool_calls.get_mut(*index) {
                        Some(call) => &mut call.arguments,
                        None => return,
                    },
                    None => return,
                };
                // The whole reply is usually one delta: keep its allocation instead of copying it.
                if target.is_empty() { *target = text } else { target.push_str(&text) }
            }
            Event::Usage(usage) => self.usage = Some(usage),
            Event::Finished { reason, raw } => {
                (self.finish_reason, self.finish_raw) = (Some(reason), Some(raw));
            }
            Event::PartFinished { .. } | Event::Unknown(_) => {}
        }
    }

    /// Reads a stream to its end.
    ///
    /// # Errors
    /// The stream's error, with what had arrived as its [`Partial`].
    pub async fn collect(mut events: EventStream) -> Result<Self> {
        let mut response = Self::default();
        while let Some(event) = events.next().await {
            match event {
                Ok(event) => response.add(event),
                Err(error) => return Err(error.with_partial(response.into_partial())),
            }
        }
        Ok(response)
    }

    /// The answer as plain text.
    ///
    /// # Errors
    /// `REFUSED` when the model declined or a filter withheld everything.
    pub fn into_text(self) -> Result<String> {
        let filtered = self.finish_reason == Some(FinishReason::ContentFilter);
        if self.text.is_empty() && (filtered || !self.refusal.is_empty()) {
            let why = if self.refusal.is_empty() { "a content filter withheld it" } else { &self.refusal };
            let error =
                Error::new(ErrorCode::Refused, format!("the model gave no answer: {why}; change the prompt"));
            return Err(error.with_partial(self.into_partial()));
        }
        Ok(self.text)
    }

    fn into_partial(self) -> Partial {
        let mut partial = Partial::default();
        partial.events = self.events;
        partial.text_bytes = self.text.len() as u64;
        partial.text = Some(self.text);
        partial.input_tokens = self.usage.as_ref().and_then(|usage| usage.input);
        partial.output_tokens = self.usage.as_ref().and_then(|usage| usage.output);
        partial
    }
}
