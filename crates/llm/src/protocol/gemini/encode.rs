//! Request → `POST {base}/models/{model}:generateContent`, or `:streamGenerateContent?alt=sse`.

use bytes::Bytes;
use graphbit_core::{Error, Result};
use serde::Serialize;

use super::Target;
use crate::protocol::body::{self, expect_turn, json_or_sse, post};
use crate::{Message, Request, Role};

/// The body, borrowed from the request: nothing is copied before it is written.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    system_instruction: Option<Content<'a>>,
    contents: Vec<Content<'a>>,
    #[serde(skip_serializing_if = "Config::is_empty")]
    generation_config: Config<'a>,
}

/// One turn; instructions have no role.
#[derive(Serialize)]
struct Content<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    parts: Vec<Part<'a>>,
}

#[derive(Serialize)]
struct Part<'a> {
    text: &'a str,
}

#[derive(PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Config<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    max_output_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f64>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    stop_sequences: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<i64>,
}

impl Config<'_> {
    fn is_empty(&self) -> bool {
        *self == Config::default()
    }
}

pub(super) fn encode(target: &Target<'_>, request: &Request) -> Result<http::Request<Bytes>> {
    let settings = &request.settings;
    let (system, turns): (Vec<_>, Vec<_>) =
        request.messages.iter().partition(|message| message.role == Role::System);
    expect_turn(request)?;
    let body = Body {
        system_instruction: (!system.is_empty())
            .then(|| Content { role: None, parts: system.into_iter().map(part).collect() }),
        contents: turns
            .into_iter()
            .map(|turn| Content {
                role: Some(if turn.role == Role::Assistant { "model" } else { "user" }),
                parts: vec![part(turn)],
            })
            .collect(),
        generation_config: Config {
            max_output_tokens: settings.max_tokens,
            temperature: settings.temperature,
            top_p: settings.top_p,
            stop_sequences: &settings.stop,
            seed: settings.seed,
        },
    };
    post(target, url(target, request.streamed)?, json_or_sse(request), &body, request)
}

fn part(message: &Message) -> Part<'_> {
    Part { text: message.texts().next().unwrap_or_default() }
}

fn url(target: &Target<'_>, streamed: bool) -> Result<String> {
    let path = path(target.model)?;
    if !streamed {
        return Ok(target.url(&(path + ":generateContent")));
    }
    let url = target.url(&(path + ":streamGenerateContent"));
    let joint = if url.contains('?') { '&' } else { '?' };
    Ok(format!("{url}{joint}alt=sse"))
}

/// A name with a slash is a resource of its own, as in `tunedModels/mine`.
pub(super) fn path(model: &str) -> Result<String> {
    let mut path = String::from(if model.contains('/') { "/" } else { "/models/" });
    for (at, segment) in model.split('/').enumerate() {
        if matches!(segment, "" | "." | "..") {
            return Err(Error::config(format!("{model:?} is not the name of a model")));
        }
        if at > 0 {
            path.push('/');
        }
        path.push_str(&body::segment(segment, b"@"));
    }
    Ok(path)
}
