//! Error bodies: `{"id", "message"}`, some with an `error_type`.
//! Source: Cohere's documentation, "Errors (status codes and description)".

use graphbit_core::Error;
use http::{HeaderMap, StatusCode};
use serde_json::Value;

use super::ErrorReply;
use crate::protocol::{Complaint, classify, excerpt};

/// An explanation is short; a larger one is only quoted.
const MOST_BYTES: usize = 64 << 10;

pub(super) fn explain(reply: &ErrorReply<'_>) -> Error {
    match read(reply.body) {
        Some((id, found)) => failure(Some(reply.status), reply.headers, found, &id),
        None => {
            let found = Complaint { message: excerpt(reply.body), ..Complaint::default() };
            failure(Some(reply.status), reply.headers, found, "")
        }
    }
}

/// An error body where a reply or an event should be.
pub(super) fn inside_success(body: &[u8]) -> Option<Error> {
    let (id, found) = read(body)?;
    Some(failure(None, &HeaderMap::new(), found, &id))
}

/// A reply that the model ended with an error.
pub(super) fn failed(reason: &str, error: &str) -> Error {
    let message = if error.is_empty() { "the generation failed" } else { error };
    let found = Complaint { code: reason.to_owned(), message: message.to_owned() };
    failure(None, &HeaderMap::new(), found, "")
}

fn read(body: &[u8]) -> Option<(String, Complaint)> {
    let body: Value = serde_json::from_slice(body.get(..body.len().min(MOST_BYTES))?).ok()?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let message = Some(text("message")).filter(|message| !message.is_empty())?;
    Some((text("id"), Complaint { code: text("error_type"), message }))
}

fn failure(status: Option<StatusCode>, headers: &HeaderMap, mut found: Complaint, id: &str) -> Error {
    let words = found.message.to_ascii_lowercase();
    let known = match status.map_or(0, |status| status.as_u16()) {
        _ if found.code == "TOO_MANY_TOKENS" || words.contains("too many tokens") => {
            "context_length_exceeded"
        }
        429 if words.contains("api calls / month") => "insufficient_quota", // of a trial key
        498 => "content_filter", // the prompt or the answer holds what the account blocks
        _ => "",
    };
    if !known.is_empty() {
        found.code = known.to_owned();
    }
    let error = classify(status, headers, &found);
    if id.is_empty() || error.context().request_id.is_some() { error } else { error.request_id(id) }
}
