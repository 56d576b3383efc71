//! Request → `POST {base}/models/{model}:generateContent`, or `:streamGenerateContent?alt=sse`.

use bytes::Bytes;
use graphbit_core::{Error, Result};
use http::header::{ACCEPT, CONTENT_TYPE};
use serde::Serialize;
use serde_json::{Map, Value};

use super::Target;
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
    if request.messages.is_empty() {
        return Err(Error::invalid_input("Messages array cannot be empty"));
    }
    let settings = &request.settings;
    settings.check()?;
    let (system, turns): (Vec<_>, Vec<_>) =
        request.messages.iter().partition(|message| message.role == Role::System);
    if turns.is_empty() {
        return Err(Error::invalid_input(
            "Gemini answers a turn of the conversation: add a user message to the system message",
        ));
    }
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
    let said: usize = request.messages.iter().map(|message| message.content.len() + 48).sum();
    let mut bytes = Vec::with_capacity(256 + said + said / 16);
    let written = if target.extra.is_empty() && request.extra.is_empty() {
        serde_json::to_writer(&mut bytes, &body)
    } else {
        merged(&body, [target.extra, &request.extra])
            .and_then(|body| serde_json::to_writer(&mut bytes, &body))
    };
    written.map_err(|error| Error::invalid_input("the request is not JSON").caused_by(error))?;
    bytes.shrink_to_fit(); // they are kept for as long as the call waits
    http::Request::post(url(target, request.streamed)?)
        .header(CONTENT_TYPE, "application/json")
        .header(ACCEPT, if request.streamed { "text/event-stream" } else { "application/json" })
        .body(bytes.into())
        .map_err(|error| Error::config("baseUrl is not a URL that can be requested").caused_by(error))
}

fn part(message: &Message) -> Part<'_> {
    Part { text: &message.content }
}

/// A name with a slash is a resource of its own, as in `tunedModels/mine`.
fn url(target: &Target<'_>, streamed: bool) -> Result<String> {
    let mut path = String::from(if target.model.contains('/') { "/" } else { "/models/" });
    for (at, segment) in target.model.split('/').enumerate() {
        if matches!(segment, "" | "." | "..") {
            return Err(Error::config(format!("{:?} is not the name of a model", target.model)));
        }
        if at > 0 {
            path.push('/');
        }
        for byte in segment.bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'@' => {
                    path.push(char::from(byte));
                }
                _ => path.push_str(&format!("%{byte:02X}")),
            }
        }
    }
    if !streamed {
        return Ok(target.url(&(path + ":generateContent")));
    }
    let url = target.url(&(path + ":streamGenerateContent"));
    let joint = if url.contains('?') { '&' } else { '?' };
    Ok(format!("{url}{joint}alt=sse"))
}

/// Nearly every option of this wire is a member of `generationConfig`: one that is given joins those that the settings make.
fn merged(body: &Body<'_>, extras: [&Map<String, Value>; 2]) -> serde_json::Result<Value> {
    let mut value = serde_json::to_value(body)?;
    if let Value::Object(members) = &mut value {
        for (name, extra) in extras.into_iter().flatten() {
            match (members.get_mut(name), extra) {
                (Some(Value::Object(config)), Value::Object(more)) if name == "generationConfig" => {
                    config.extend(more.iter().map(|(name, value)| (name.clone(), value.clone())));
                }
                _ => {
                    members.insert(name.clone(), extra.clone());
                }
            }
        }
    }
    Ok(value)
}
