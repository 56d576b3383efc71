//! Request → `POST {base}/v2/chat`.

use bytes::Bytes;
use graphbit_core::{Error, Result};
use serde::Serialize;

use super::Target;
use crate::protocol::body::post;
use crate::{Message, Request};

/// The body, borrowed from the request.
#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    messages: &'a [Message],
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    p: Option<f64>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    stop_sequences: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<i64>,
}

pub(super) fn encode(target: &Target<'_>, request: &Request) -> Result<http::Request<Bytes>> {
    if request.messages.is_empty() {
        return Err(Error::invalid_input("Messages array cannot be empty"));
    }
    let settings = &request.settings;
    settings.check()?;
    let body = Body {
        model: target.model,
        messages: &request.messages,
        stream: request.streamed,
        max_tokens: settings.max_tokens,
        temperature: settings.temperature,
        p: settings.top_p,
        stop_sequences: &settings.stop,
        seed: settings.seed,
    };
    let accept = if request.streamed { "text/event-stream" } else { "application/json" };
    post(target, "/v2/chat", accept, &body, request)
}
