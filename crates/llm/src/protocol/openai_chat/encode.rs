//! Request → `POST {base}/chat/completions`.

use bytes::Bytes;
use graphbit_core::Result;
use serde::Serialize;

use super::Target;
use crate::protocol::body::{json_or_sse, post, segment};
use crate::vendor::MaxTokensMember;
use crate::{Message, Request};

/// The body, borrowed from the request: nothing is copied before it is written.
#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    messages: &'a [Message],
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f64>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    stop: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    random_seed: Option<i64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    reasoning_split: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

pub(super) fn encode(target: &Target<'_>, request: &Request) -> Result<http::Request<Bytes>> {
    let settings = &request.settings;
    let quirks = target.quirks;
    let newer = match quirks.max_tokens {
        MaxTokensMember::ByModel => wants_max_completion_tokens(target.model),
        MaxTokensMember::MaxTokens => false,
        MaxTokensMember::MaxCompletionTokens => true,
    };
    let body = Body {
        model: target.model,
        messages: &request.messages,
        max_tokens: settings.max_tokens.filter(|_| !newer),
        max_completion_tokens: settings.max_tokens.filter(|_| newer),
        temperature: settings.temperature,
        top_p: settings.top_p,
        stop: &settings.stop,
        seed: settings.seed.filter(|_| !quirks.random_seed),
        random_seed: settings.seed.filter(|_| quirks.random_seed),
        reasoning_split: quirks.reasoning_split,
        stream: request.streamed,
        stream_options: (request.streamed && quirks.stream_usage)
            .then_some(StreamOptions { include_usage: true }),
    };
    post(target, url(target, "/chat/completions"), json_or_sse(request), &body, request)
}

/// Azure has a path for every deployment, and wants a version in the query.
/// Source: Azure OpenAI's REST API reference, "Chat completions".
pub(super) fn url(target: &Target<'_>, path: &str) -> String {
    let (base, query) = target.base_url.split_once('?').unwrap_or((target.base_url, ""));
    let base = base.trim_end_matches('/');
    let has_path = base.split_once("://").is_none_or(|(_, rest)| rest.contains('/'));
    match target.quirks.deployments {
        Some(version) if !has_path => {
            let deployment = segment(target.model, b"");
            let versioned = query.split('&').any(|pair| pair.starts_with("api-version="));
            let query = match (versioned, query) {
                (true, query) => query.to_owned(),
                (false, "") => format!("api-version={version}"),
                (false, query) => format!("{query}&api-version={version}"),
            };
            format!("{base}/openai/deployments/{deployment}{path}?{query}")
        }
        _ => target.url(path),
    }
}

/// OpenAI's reasoning models refuse `max_tokens`; older models and most compatible servers know nothing else.
fn wants_max_completion_tokens(model: &str) -> bool {
    let name = model.rsplit('/').next().unwrap_or(model);
    let o_series = name.strip_prefix('o').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    o_series || name.starts_with("gpt-5")
}
