//! Request → `POST {base}/responses`. Azure asks for its `api-version` in the base URL's query.

use bytes::Bytes;
use graphbit_core::{Error, Result};
use serde::Serialize;

use super::Target;
use crate::protocol::body::{json_or_sse, post};
use crate::{Message, Request};

/// The body, borrowed from the request: nothing is copied before it is written.
#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    /// A message with plain text is an item of the list as it is, the system's too (Codex alone wants `instructions`: `extra`).
    input: &'a [Message],
    #[serde(skip_serializing_if = "Option::is_none")]
    max_output_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    stream: bool,
}

pub(super) fn encode(target: &Target<'_>, request: &Request) -> Result<http::Request<Bytes>> {
    let settings = &request.settings;
    if !settings.stop.is_empty() {
        return Err(Error::invalid_input(
            "the Responses API has no stop texts; leave `stop` empty or use the vendor's chat completions",
        ));
    }
    // The wire has no seed either; without it an answer is as good, only not repeatable.
    let body = Body {
        model: target.model,
        input: &request.messages,
        max_output_tokens: settings.max_tokens,
        temperature: settings.temperature,
        top_p: settings.top_p,
        stream: request.streamed,
    };
    post(target, target.url("/responses"), json_or_sse(request), &body, request)
}
