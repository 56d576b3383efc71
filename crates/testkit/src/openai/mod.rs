//! The OpenAI wire as JSON: replies, stream events, errors, models, embeddings.
//!
//! Pure: bytes go into a buffer. When they are sent is the server's business.

pub(crate) mod chat;
pub(crate) mod embeddings;
mod tokens;

use serde_json::{Value, json};

pub(crate) use tokens::Tokens;

/// The creation time of everything, so that replies are the same from run to run: 1 January 2026.
pub(crate) const CREATED: u64 = 1_767_225_600;

/// The names `GET …/models` lists.
const MODELS: [&str; 3] = ["testkit-small", "testkit-large", "testkit-embedding"];

/// The body of `GET …/models`.
pub(crate) fn models() -> Value {
    let data: Vec<Value> = MODELS
        .iter()
        .map(|id| json!({"id": id, "object": "model", "created": CREATED, "owned_by": "graphbit-testkit"}))
        .collect();
    json!({"object": "list", "data": data})
}

/// The body that goes with a status of its own.
pub(crate) fn error(status: u16, message: &str) -> Value {
    let (kind, code) = match status {
        401 => ("invalid_request_error", Some("invalid_api_key")),
        404 => ("invalid_request_error", Some("model_not_found")),
        429 => ("requests", Some("rate_limit_exceeded")),
        400..=499 => ("invalid_request_error", None),
        _ => ("server_error", None),
    };
    json!({"error": {"message": message, "type": kind, "param": null, "code": code}})
}

/// Appends `value` as JSON.
pub(crate) fn append(out: &mut Vec<u8>, value: &impl serde::Serialize) {
    // Writing to a vector cannot fail, and neither can these types: string keys, finite numbers.
    let _ = serde_json::to_writer(out, value);
}

#[cfg(test)]
mod tests;
