//! Request → `POST {base}/api/chat`.

use bytes::Bytes;
use graphbit_core::Result;
use serde::Serialize;

use super::Target;
use crate::protocol::body::post;
use crate::{Message, Request};

/// The body, borrowed from the request.
#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    messages: &'a [Message],
    stream: bool, // always said: unset, it streams
    #[serde(skip_serializing_if = "Options::is_empty")]
    options: Options<'a>,
}

#[derive(Serialize)]
struct Options<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    num_predict: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f64>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    stop: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<i64>,
}

impl Options<'_> {
    fn is_empty(&self) -> bool {
        self.num_predict.is_none()
            && self.temperature.is_none()
            && self.top_p.is_none()
            && self.stop.is_empty()
            && self.seed.is_none()
    }
}

pub(super) fn encode(target: &Target<'_>, request: &Request) -> Result<http::Request<Bytes>> {
    let settings = &request.settings;
    let body = Body {
        model: target.model,
        messages: &request.messages,
        stream: request.streamed,
        options: Options {
            num_predict: settings.max_tokens,
            temperature: settings.temperature,
            top_p: settings.top_p,
            stop: &settings.stop,
            seed: settings.seed,
        },
    };
    let accept = if request.streamed { "application/x-ndjson" } else { "application/json" };
    post(target, target.url("/api/chat"), accept, &body, request)
}
