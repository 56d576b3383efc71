//! Error bodies: `{"error": "text"}`, also as a line of a stream; proxies before it send an object with a message.

use graphbit_core::Error;
use http::HeaderMap;
use serde_json::Value;

use super::ErrorReply;
use crate::protocol::{Complaint, classify, excerpt};

/// An explanation is short; a larger one is only quoted.
const MOST_BYTES: usize = 64 << 10;

pub(super) fn explain(reply: &ErrorReply<'_>) -> Error {
    let found = match serde_json::from_slice::<Value>(reply.body) {
        Ok(body) => complaint(body.get("error").filter(|error| !error.is_null()).unwrap_or(&body)),
        Err(_) => Complaint { message: excerpt(reply.body), ..Complaint::default() },
    };
    classify(Some(reply.status), reply.headers, &found)
}

/// An error in a reply that began well: the model's runner failed. No status comes with it.
pub(super) fn inside_success(error: &str) -> Error {
    let found = match serde_json::from_str(error) {
        Ok(value) if error.len() <= MOST_BYTES => complaint(&value),
        _ => Complaint { message: excerpt(error.as_bytes()), ..Complaint::default() },
    };
    classify(None, &HeaderMap::new(), &found)
}

fn complaint(error: &Value) -> Complaint {
    let member = |name: &str| error.get(name).and_then(Value::as_str).unwrap_or_default();
    let message = match error {
        Value::String(text) => text.as_str(),
        _ => member("message"),
    };
    let too_long = ["exceeds the context length", "exceeds the available context size"];
    let code = match too_long.iter().any(|words| message.contains(words)) {
        true => "context_length_exceeded",
        false => member("type"),
    };
    Complaint { code: code.to_owned(), message: message.to_owned() }
}
