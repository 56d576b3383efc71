//! Request → `POST {base}/responses`. Azure asks for its `api-version` in the base URL's query.

use bytes::Bytes;
use graphbit_core::{Error, Result};
use http::header::{ACCEPT, CONTENT_TYPE};
use serde::Serialize;

use super::Target;
use crate::protocol::body::overlaid;
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
    if request.messages.is_empty() {
        return Err(Error::invalid_input("Messages array cannot be empty"));
    }
    let settings = &request.settings;
    settings.check()?;
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
    let said: usize = request.messages.iter().map(|message| message.content.len() + 32).sum();
    let mut bytes = Vec::with_capacity(256 + said + said / 16);
    let written = if target.extra.is_empty() && request.extra.is_empty() {
        serde_json::to_writer(&mut bytes, &body)
    } else {
        overlaid(&body, [target.extra, &request.extra])
            .and_then(|body| serde_json::to_writer(&mut bytes, &body))
    };
    written.map_err(|error| Error::invalid_input("the request is not JSON").caused_by(error))?;
    bytes.shrink_to_fit(); // they are kept for as long as the call waits
    http::Request::post(target.url("/responses"))
        .header(CONTENT_TYPE, "application/json")
        .header(ACCEPT, if request.streamed { "text/event-stream" } else { "application/json" })
        .body(bytes.into())
        .map_err(|error| Error::config("baseUrl is not a URL that can be requested").caused_by(error))
}
