//! What every encoder ends with: a body written as JSON, the user's own members over it.

use bytes::Bytes;
use graphbit_core::{Error, Result};
use http::header::{ACCEPT, CONTENT_TYPE};
use serde::Serialize;
use serde_json::{Map, Value};

use super::Target;
use crate::Request;

/// A request for `path` below the target's base. The target's and the request's `extra` members are merged into the body,
/// objects member by member; elsewhere theirs holds.
pub(crate) fn post(
    target: &Target<'_>,
    path: &str,
    accept: &'static str,
    body: &impl Serialize,
    request: &Request,
) -> Result<http::Request<Bytes>> {
    let said: usize = request.messages.iter().map(|message| message.content.len() + 48).sum();
    let mut bytes = Vec::with_capacity(256 + said + said / 16);
    let written = if target.extra.is_empty() && request.extra.is_empty() {
        serde_json::to_writer(&mut bytes, body)
    } else {
        serde_json::to_value(body).and_then(|mut value| {
            if let Value::Object(members) = &mut value {
                merge(members, target.extra);
                merge(members, &request.extra);
            }
            serde_json::to_writer(&mut bytes, &value)
        })
    };
    written.map_err(|error| Error::invalid_input("the request is not JSON").caused_by(error))?;
    bytes.shrink_to_fit(); // they are kept for as long as the call waits
    http::Request::post(target.url(path))
        .header(CONTENT_TYPE, "application/json")
        .header(ACCEPT, accept)
        .body(bytes.into())
        .map_err(|error| Error::config("baseUrl is not a URL that can be requested").caused_by(error))
}

/// A body as JSON with the users' own members over it, each replacing what we say under its name.
pub(crate) fn overlaid(body: &impl Serialize, extras: [&Map<String, Value>; 2]) -> serde_json::Result<Value> {
    let mut value = serde_json::to_value(body)?;
    if let Value::Object(members) = &mut value {
        for extra in extras {
            members.extend(extra.iter().map(|(name, value)| (name.clone(), value.clone())));
        }
    }
    Ok(value)
}

fn merge(into: &mut Map<String, Value>, from: &Map<String, Value>) {
    for (name, value) in from {
        match (into.get_mut(name), value) {
            (Some(Value::Object(into)), Value::Object(from)) => merge(into, from),
            (Some(old), new) => old.clone_from(new),
            (None, new) => {
                into.insert(name.clone(), new.clone());
            }
        }
    }
}
