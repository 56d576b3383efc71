//! What every encoder ends with: a body written as JSON, the users' own members over it, and a path whose names are escaped.

use bytes::Bytes;
use graphbit_core::{Error, Result};
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderValue, Uri};
use serde::Serialize;
use serde_json::{Map, Value};

use super::Target;
use crate::{Message, Part, Request, Role};

/// What is accepted in return where the wire has nothing of its own.
pub(crate) fn json_or_sse(request: &Request) -> &'static str {
    if request.streamed { "text/event-stream" } else { "application/json" }
}

/// A request for `url`. The target's and the request's `extra` members are merged into the body (JSON Merge Patch, RFC 7396).
pub(crate) fn post(
    target: &Target<'_>,
    url: Uri,
    accept: &'static str,
    body: &impl Serialize,
    request: &Request,
) -> Result<http::Request<Bytes>> {
    let said: usize = request.messages.iter().flat_map(|message| &message.content).map(Part::weight).sum();
    post_json(url, accept, body, &[target.extra, &request.extra], said)
}

/// A body of about `said` bytes as JSON, the users' members merged into it in their order.
pub(crate) fn post_json(
    url: Uri,
    accept: &'static str,
    body: &impl Serialize,
    extras: &[&Map<String, Value>],
    said: usize,
) -> Result<http::Request<Bytes>> {
    let mut bytes = Vec::with_capacity(256 + said + said / 16);
    let written = if extras.iter().all(|extra| extra.is_empty()) {
        serde_json::to_writer(&mut bytes, body)
    } else {
        patched(body, extras).and_then(|value| serde_json::to_writer(&mut bytes, &value))
    };
    written.map_err(|error| Error::invalid_input("the request is not JSON").caused_by(error))?;
    bytes.shrink_to_fit(); // they are kept for as long as the call waits
    http::Request::post(url)
        .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
        .header(ACCEPT, HeaderValue::from_static(accept))
        .body(bytes.into())
        .map_err(|error| Error::internal("a request that cannot be written").caused_by(error))
}

/// A body with the users' members merged into it in their order.
pub(crate) fn patched(body: &impl Serialize, extras: &[&Map<String, Value>]) -> serde_json::Result<Value> {
    let mut value = serde_json::to_value(body)?;
    if let Value::Object(members) = &mut value {
        extras.iter().for_each(|extra| merge(members, extra));
    }
    Ok(value)
}

fn merge(into: &mut Map<String, Value>, patch: &Map<String, Value>) {
    for (name, value) in patch {
        match (into.get_mut(name), value) {
            (_, Value::Null) => _ = into.remove(name),
            (Some(Value::Object(into)), Value::Object(patch)) => merge(into, patch),
            (_, Value::Object(patch)) => {
                let mut fresh = Map::new();
                merge(&mut fresh, patch);
                into.insert(name.clone(), Value::Object(fresh));
            }
            (_, new) => _ = into.insert(name.clone(), new.clone()),
        }
    }
}

/// A name as one segment of a path (RFC 3986, section 3.3); `kept` are characters that stay although they need not.
pub(crate) fn segment(name: &str, kept: &[u8]) -> String {
    let mut segment = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || kept.contains(&byte) {
            segment.push(char::from(byte));
        } else {
            segment.push_str(&format!("%{byte:02X}"));
        }
    }
    segment
}

/// The instructions among the messages, and the turns.
pub(crate) fn split(
    messages: &[Message],
) -> (impl Iterator<Item = &Message>, impl Iterator<Item = &Message>) {
    let is_system = |message: &&Message| message.role == Role::System;
    (messages.iter().filter(is_system), messages.iter().filter(move |message| !is_system(message)))
}

/// Some wires answer a turn of the conversation only, not instructions alone.
///
/// # Errors
/// `INVALID_INPUT` when there is none.
pub(crate) fn expect_turn(request: &Request) -> Result<()> {
    if request.messages.iter().all(|message| message.role == Role::System) {
        return Err(Error::invalid_input(
            "this vendor answers a turn of the conversation: add a user message to the system message",
        ));
    }
    Ok(())
}
