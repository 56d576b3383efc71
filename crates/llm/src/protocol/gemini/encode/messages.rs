//! The conversation: turns of parts, and the instructions beside it.

use std::borrow::Cow;

use graphbit_core::Result;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::media::{Blob, FileData, in_result, media};
use super::model::Traits;
use crate::protocol::arguments;
use crate::protocol::body::split;
use crate::protocol::gemini::WIRE;
use crate::{Message, OutputSchema, Role, Signature, ToolResult};

/// The signature that Google documents for calls which its model did not make, or made where signatures were not kept:
/// `skip_thought_signature_validator`, as the bytes that signatures are on this wire.
const UNSIGNED: &str = "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=";

/// One turn; instructions have no role.
#[derive(Serialize)]
pub(super) struct Content<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    parts: Vec<Part<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Part<'a> {
    #[serde(flatten)]
    payload: Payload<'a>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    thought: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    thought_signature: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Payload<'a> {
    Text(Cow<'a, str>),
    InlineData(Blob<'a>),
    FileData(FileData<'a>),
    FunctionCall(FunctionCall<'a>),
    FunctionResponse(FunctionResponse<'a>),
}

#[derive(Serialize)]
pub(super) struct FunctionCall<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    name: &'a str,
    args: &'a RawValue,
}

#[derive(Serialize)]
pub(super) struct FunctionResponse<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    name: &'a str,
    response: Answer<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parts: Vec<Payload<'a>>,
}

/// What the system messages say, and the form of the answer where it must be told in words.
pub(super) fn instructions<'a>(messages: &'a [Message], told: Option<&OutputSchema>) -> Option<Content<'a>> {
    let said = split(messages).0.flat_map(Message::texts).map(Cow::Borrowed);
    let told = told.map(|output| Cow::Owned(output.instruction()));
    let parts: Vec<_> = said.chain(told).map(|text| plain(Payload::Text(text))).collect();
    (!parts.is_empty()).then_some(Content { role: None, parts })
}

/// The turns. Those that follow one another on the same side are one: every result of parallel calls must be in one turn.
pub(super) fn contents<'a>(
    messages: &'a [Message],
    traits: &Traits,
    call_ids: bool,
) -> Result<Vec<Content<'a>>> {
    let mut contents: Vec<Content<'a>> = Vec::new();
    for message in split(messages).1 {
        let role = Some(if message.role == Role::Assistant { "model" } else { "user" });
        let mut parts = Vec::with_capacity(message.content.len());
        for part in &message.content {
            parts.extend(self::part(part, traits, call_ids)?);
        }
        match contents.last_mut().filter(|last| last.role == role) {
            _ if parts.is_empty() => {} // an empty turn is refused
            Some(last) => last.parts.append(&mut parts),
            None => contents.push(Content { role, parts }),
        }
    }
    if traits.signed_calls {
        for content in &mut contents {
            let first =
                content.parts.iter_mut().find(|part| matches!(part.payload, Payload::FunctionCall(_)));
            if let Some(call) = first {
                call.thought_signature.get_or_insert(UNSIGNED);
            }
        }
    }
    Ok(contents)
}

/// A part as it is said; thinking that is not signed is not.
fn part<'a>(part: &'a crate::Part, traits: &Traits, call_ids: bool) -> Result<Option<Part<'a>>> {
    let text = |text: &'a String| Payload::Text(Cow::Borrowed(text));
    Ok(Some(match part {
        crate::Part::Text { text: said, signature } => {
            Part { thought_signature: ours(signature), ..plain(text(said)) }
        }
        crate::Part::Refusal { text: said } => plain(text(said)),
        crate::Part::Reasoning { text: said, signature } => match ours(signature) {
            None => return Ok(None),
            thought_signature => Part { payload: text(said), thought: true, thought_signature },
        },
        crate::Part::Image { media: of, .. } | crate::Part::File { media: of, .. } => plain(media(of)),
        crate::Part::ToolCall(call) => Part {
            thought_signature: ours(&call.signature),
            ..plain(Payload::FunctionCall(FunctionCall {
                id: id(&call.id, call_ids),
                name: &call.name,
                args: arguments::object(call)?,
            }))
        },
        crate::Part::ToolResult(result) => plain(Payload::FunctionResponse(FunctionResponse {
            id: id(&result.id, call_ids),
            name: &result.name,
            response: Answer(result),
            parts: in_result(result, traits.media_in_results)?,
        })),
    }))
}

fn plain(payload: Payload<'_>) -> Part<'_> {
    Part { payload, thought: false, thought_signature: None }
}

/// A signature of this wire.
fn ours(signature: &Option<Signature>) -> Option<&str> {
    signature.as_ref().filter(|signature| signature.wire == WIRE).map(|signature| &*signature.value)
}

/// An id, unless it is one that we gave a call which came without.
fn id(id: &Option<String>, call_ids: bool) -> Option<&str> {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let made_up = |id: &str| {
        let numbers = id.strip_prefix("call_").and_then(|rest| rest.split_once('_'));
        numbers.is_some_and(|(turn, call)| is_number(turn) && is_number(call))
    };
    id.as_deref().filter(|id| call_ids && !made_up(id))
}

fn is_object(json: &RawValue) -> bool {
    json.get().starts_with('{')
}

/// What a tool gave, as an object: one that it gave itself, else its text under the names that Google documents.
struct Answer<'a>(&'a ToolResult);

impl Serialize for Answer<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let text = self.0.text();
        match serde_json::from_str::<&RawValue>(&text) {
            _ if self.0.is_error => serializer.collect_map([("error", &text)]),
            Ok(object) if is_object(object) => object.serialize(serializer),
            _ => serializer.collect_map([("output", &text)]),
        }
    }
}
