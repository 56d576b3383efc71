//! A whole reply: the fold of its events.

use std::borrow::Cow;

use futures_util::StreamExt;
use graphbit_core::{Error, ErrorCode, Partial, Result};
use serde::Serialize;

use crate::{
    Event, EventStream, FinishReason, Message, Part, PartKind, Role, Signature, TokenLogprob, ToolCall, Usage,
};

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
    /// The tools the model wants called, and those that the vendor called itself, which say so.
    pub tool_calls: Vec<ToolCall>,
    /// Why the model ended its turn; `None` only in the partial reply of a failed call.
    pub finish_reason: Option<FinishReason>,
    /// The vendor's word for it.
    pub finish_raw: Option<Cow<'static, str>>,
    /// The tokens, where the vendor counted them.
    pub usage: Option<Usage>,
    /// How likely the tokens of the answer were, where that was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub logprobs: Vec<TokenLogprob>,
    /// The order of all this, for [`message`](Self::message).
    #[serde(skip)]
    parts: Vec<Slot>,
    #[serde(skip)]
    events: u64,
}

/// A part of the reply: where its deltas went, how many bytes they are, and the vendor's mark on it.
#[derive(Clone, Debug, PartialEq)]
struct Slot {
    kind: Kind,
    /// Of a tool call: which.
    call: usize,
    bytes: usize,
    signature: Option<Signature>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Text,
    Reasoning,
    Refusal,
    ToolCall,
}

impl Response {
    /// Adds one event.
    pub fn add(&mut self, event: Event) {
        self.events += 1;
        match event {
            Event::Started { id, model } => (self.id, self.model) = (id, model),
            Event::PartStarted { kind, .. } => {
                let kind = match kind {
                    PartKind::Text => Kind::Text,
                    PartKind::Reasoning => Kind::Reasoning,
                    PartKind::Refusal => Kind::Refusal,
                    PartKind::ToolCall { id, name, provider_executed } => {
                        let mut call = ToolCall::new(name, "");
                        (call.id, call.provider_executed) = (id, provider_executed);
                        self.tool_calls.push(call);
                        Kind::ToolCall
                    }
                };
                let call = self.tool_calls.len().saturating_sub(1);
                self.parts.push(Slot { kind, call, bytes: 0, signature: None });
            }
            Event::Delta { part, text } => self.grow(part as usize, text),
            Event::Signature { part, signature } => {
                if let Some(slot) = self.parts.get_mut(part as usize) {
                    slot.signature = Some(signature);
                }
            }
            Event::Logprobs(tokens) => self.logprobs.extend(tokens),
            Event::Usage(usage) => self.usage = Some(usage),
            Event::Finished { reason, raw } => {
                (self.finish_reason, self.finish_raw) = (Some(reason), Some(raw));
            }
            Event::PartFinished { .. } | Event::Unknown(_) => {}
        }
    }

    /// Deltas of prose come while their part is the last of its kind, those of several tool calls may take turns.
    fn grow(&mut self, part: usize, text: String) {
        let Some(slot) = self.parts.get_mut(part) else { return };
        slot.bytes += text.len();
        let target = match slot.kind {
            Kind::Text => &mut self.text,
            Kind::Reasoning => &mut self.reasoning,
            Kind::Refusal => &mut self.refusal,
            Kind::ToolCall => match self.tool_calls.get_mut(slot.call) {
                Some(call) => &mut call.arguments,
                None => return,
            },
        };
        // The whole reply is usually one delta: keep its allocation instead of copying it.
        if target.is_empty() { *target = text } else { target.push_str(&text) }
    }

    /// The reply as a turn of the conversation, to be followed by the tools' results or the user's next message: its parts in
    /// order, with everything that the vendor wants to have back.
    pub fn message(&self) -> Message {
        let (mut text, mut reasoning, mut refusal) = (&*self.text, &*self.reasoning, &*self.refusal);
        let mut calls = self.tool_calls.iter();
        let parts = self.parts.iter().filter_map(|slot| {
            let signature = slot.signature.clone();
            let take = |from: &mut &str| -> String {
                let (taken, rest) = from.split_at_checked(slot.bytes).unwrap_or((from, ""));
                let taken = taken.to_owned();
                *from = rest;
                taken
            };
            Some(match slot.kind {
                Kind::Text => Part::Text { text: take(&mut text), signature },
                Kind::Reasoning => Part::Reasoning { text: take(&mut reasoning), signature },
                Kind::Refusal => Part::Refusal { text: take(&mut refusal) },
                Kind::ToolCall => {
                    let mut call = calls.next()?.clone();
                    call.signature = signature;
                    Part::ToolCall(call)
                }
            })
        });
        Message::new(Role::Assistant, parts.collect())
    }

    /// Another text in place of the one that came.
    pub(crate) fn replace_text(&mut self, text: String) {
        let mut bytes = text.len();
        for slot in self.parts.iter_mut().filter(|slot| slot.kind == Kind::Text) {
            slot.bytes = std::mem::take(&mut bytes);
        }
        self.text = text;
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
        self.into_text_and_usage().map(|(text, _)| text)
    }

    /// As [`into_text`](Self::into_text), with what it took.
    ///
    /// # Errors
    /// `REFUSED` likewise; what had been used by then is in the error.
    pub fn into_text_and_usage(self) -> Result<(String, Option<Usage>)> {
        let filtered = self.finish_reason == Some(FinishReason::ContentFilter);
        if self.text.is_empty() && (filtered || !self.refusal.is_empty()) {
            let why = if self.refusal.is_empty() { "a content filter withheld it" } else { &self.refusal };
            let error =
                Error::new(ErrorCode::Refused, format!("the model gave no answer: {why}; change the prompt"));
            return Err(error.with_partial(self.into_partial()));
        }
        Ok((self.text, self.usage))
    }

    /// What of it had arrived, for the error that ended it.
    pub fn partial(&self) -> Partial {
        self.clone().into_partial()
    }

    pub(crate) fn into_partial(self) -> Partial {
        let mut partial = Partial::default();
        partial.events = self.events;
        partial.text_bytes = self.text.len() as u64;
        partial.text = Some(self.text);
        partial.input_tokens = self.usage.as_ref().and_then(|usage| usage.input);
        partial.output_tokens = self.usage.as_ref().and_then(|usage| usage.output);
        partial
    }
}
