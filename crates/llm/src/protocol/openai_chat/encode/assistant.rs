//! The model's earlier turns: what it said, what it called, and what of its thinking the server wants to have back.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::value::RawValue;

use super::content::{Content, Piece};
use super::ids;
use crate::message::Signature;
use crate::protocol::openai_chat::WIRE;
use crate::vendor::{Chat, Echo};
use crate::{Message, Part, ToolCall};

/// A turn of the model.
#[derive(Serialize)]
pub(super) struct Assistant<'a> {
    /// Empty beside calls alone: some servers refuse a turn without it, others a `null`.
    pub(super) content: Content<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_content: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasoning_details: Vec<&'a RawValue>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<Call<'a>>,
}

#[derive(Serialize)]
struct Call<'a> {
    id: Cow<'a, str>,
    #[serde(rename = "type")]
    kind: &'static str,
    function: Function<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extra_content: Option<&'a RawValue>,
}

#[derive(Serialize)]
struct Function<'a> {
    name: &'a str,
    arguments: &'a str,
}

impl<'a> Assistant<'a> {
    /// The turn. Where the server does not think now, `thinks` says so: then it needs no thinking of before.
    pub(super) fn new(chat: &Chat, message: &'a Message, thinks: bool) -> Self {
        let tool_calls: Vec<Call<'a>> = message.tool_calls().map(|call| Call::new(chat, call)).collect();
        let thoughts = message.content.iter().filter_map(thought);
        let wanted = |echo: Echo| chat.echo == echo;
        let reasoning_content = (wanted(Echo::ReasoningContent) && !tool_calls.is_empty())
            .then(|| joined(thoughts))
            .filter(|text| thinks || !text.is_empty());
        let details = message.content.iter().filter(|_| wanted(Echo::ReasoningDetails)).filter_map(details);
        Self {
            content: said(chat, message),
            reasoning_content,
            reasoning_details: details.flatten().collect(),
            tool_calls,
        }
    }
}

impl<'a> Call<'a> {
    fn new(chat: &Chat, call: &'a ToolCall) -> Self {
        let arguments = if call.arguments.is_empty() { "{}" } else { &call.arguments };
        let signed = call.signature.as_ref().filter(|_| chat.echo == Echo::ExtraContent);
        Self {
            id: ids::of(call.id.as_deref().unwrap_or_default(), chat.tool_ids),
            kind: "function",
            function: Function { name: &call.name, arguments },
            extra_content: signed.filter(|mark| mark.wire == WIRE).and_then(|mark| raw(&mark.value)),
        }
    }
}

/// Its text as one string; parts only where thinking or a refusal stands beside it.
fn said<'a>(chat: &Chat, message: &'a Message) -> Content<'a> {
    let mut spoken = message.content.iter().filter(|part| !matches!(part, Part::ToolCall(_)));
    if let (Some(Part::Refusal { text }), None, true) = (spoken.next(), spoken.next(), chat.refusals) {
        return Content::Parts(vec![Piece::Refusal { refusal: text }.into()]);
    }
    let text = |part: &'a Part| match part {
        Part::Text { text, .. } | Part::Refusal { text } => Some(&**text),
        _ => None,
    };
    let thinks = message.content.iter().any(|part| thought(part).is_some());
    if chat.echo != Echo::ThinkingParts || !thinks {
        return Content::Text(joined(message.content.iter().filter_map(text)));
    }
    let piece = |text: &'a str| Piece::Text { text: Cow::Borrowed(text) };
    let pieces = message.content.iter().filter_map(|part| match thought(part) {
        Some(thought) => Some(Piece::Thinking { thinking: [Box::new(piece(thought))] }),
        None => text(part).map(piece),
    });
    Content::Parts(pieces.map(Into::into).collect())
}

/// Thinking that came by this wire, or that nobody has signed.
fn thought(part: &Part) -> Option<&str> {
    match part {
        Part::Reasoning { text, signature } if !text.is_empty() => {
            signature.as_ref().is_none_or(|mark| mark.wire == WIRE).then_some(&**text)
        }
        _ => None,
    }
}

/// The `reasoning_details` that a part was signed with.
fn details(part: &Part) -> Option<Vec<&RawValue>> {
    let Part::Reasoning { signature: Some(Signature { wire, value, .. }), .. } = part else { return None };
    if wire == WIRE { serde_json::from_str(value).ok() } else { None }
}

/// A mark that is JSON, as every one of this wire is.
fn raw(value: &str) -> Option<&RawValue> {
    serde_json::from_str(value).ok()
}

fn joined<'a>(mut texts: impl Iterator<Item = &'a str>) -> Cow<'a, str> {
    let Some(first) = texts.next() else { return Cow::Borrowed("") };
    texts.fold(Cow::Borrowed(first), |all, text| all + text)
}
