//! Request → `POST {base}/v2/chat`.

use bytes::Bytes;
use graphbit_core::Result;
use serde::Serialize;

use super::Target;
use crate::protocol::body::{json_or_sse, post};
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
    let settings = &request.settings;
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
    post(target, target.url("/v2/chat"), json_or_sse(request), &body, request)
}
