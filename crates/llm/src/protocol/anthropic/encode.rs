//! Request → `POST {base}/v1/messages`.

use bytes::Bytes;
use graphbit_core::Result;
use http::HeaderValue;
use serde::{Serialize, Serializer};

use super::Target;
use crate::protocol::body::{expect_turn, json_or_sse, post};
use crate::{Message, Request, Role};

/// The most tokens of an answer where the request sets no limit: this wire demands one. It is the smallest maximum of any
/// Claude model (Anthropic's models overview), so that every model accepts it; set `maxTokens` for longer answers.
pub const DEFAULT_MAX_TOKENS: u32 = 4096;

/// The version of the wire that is written and read here.
const VERSION: &str = "2023-06-01";

/// The body, borrowed from the request: nothing is copied before it is written. A seed has no place in this wire.
#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    max_tokens: u32,
    #[serde(skip_serializing_if = "System::is_absent")]
    system: System<'a>,
    #[serde(serialize_with = "turns")]
    messages: &'a [Message],
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f64>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    stop_sequences: &'a [String],
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    stream: bool,
}

/// The instructions: a text, or a block for each of several. The wire refuses empty ones.
struct System<'a>(&'a [Message]);

impl<'a> System<'a> {
    fn texts(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let said = self.0.iter().filter(|message| message.role == Role::System);
        said.flat_map(Message::texts).filter(|text| !text.is_empty())
    }

    fn is_absent(&self) -> bool {
        self.texts().next().is_none()
    }
}

impl Serialize for System<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct TextBlock<'a> {
            r#type: &'a str,
            text: &'a str,
        }
        let mut texts = self.texts();
        match (texts.next(), texts.next()) {
            (Some(text), None) => serializer.serialize_str(text),
            _ => serializer.collect_seq(self.texts().map(|text| TextBlock { r#type: "text", text })),
        }
    }
}

/// The conversation without the instructions.
fn turns<S: Serializer>(messages: &[Message], serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.collect_seq(messages.iter().filter(|message| message.role != Role::System))
}

pub(super) fn encode(target: &Target<'_>, request: &Request) -> Result<http::Request<Bytes>> {
    expect_turn(request)?;
    let settings = &request.settings;
    let body = Body {
        model: target.model,
        max_tokens: settings.max_tokens.unwrap_or(DEFAULT_MAX_TOKENS),
        system: System(&request.messages),
        messages: &request.messages,
        temperature: settings.temperature,
        top_p: settings.top_p,
        stop_sequences: &settings.stop,
        stream: request.streamed,
    };
    let mut encoded = post(target, target.url(path(target.base_url)), json_or_sse(request), &body, request)?;
    encoded.headers_mut().insert("anthropic-version", HeaderValue::from_static(VERSION));
    Ok(encoded)
}

/// Some write the base URL with the version, as for other vendors, and some without, as this vendor does.
fn path(base_url: &str) -> &'static str {
    let base = base_url.split_once('?').map_or(base_url, |(base, _)| base);
    if base.trim_end_matches('/').ends_with("/v1") { "/messages" } else { "/v1/messages" }
}
