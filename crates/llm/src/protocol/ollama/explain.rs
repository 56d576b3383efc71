//! Error bodies: `{"error": "text"}`, also as a line of a stream; proxies before it send an object with a message.

use graphbit_core::Error;
use http::HeaderMap;
use serde_json::Value;

use super::ErrorReply;
use crate::protocol::{Complaint, classify, error_of, explanation};

pub(super) fn explain(reply: &ErrorReply<'_>) -> Error {
    classify(Some(reply.status), reply.headers, &read(reply.body))
}

/// An error in a reply that began well: the model's runner failed. No status comes with it.
pub(super) fn inside_success(error: &str) -> Error {
    classify(None, &HeaderMap::new(), &read(error.as_bytes()))
}

fn read(body: &[u8]) -> Complaint {
    explanation(body).map_or_else(|| Complaint::quoted(body), |body| complaint(error_of(&body)))
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
