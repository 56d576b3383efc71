//! Error bodies: `{"id", "message"}`, some with an `error_type`.
//! Source: Cohere's documentation, "Errors (status codes and description)".

use graphbit_core::Error;
use http::{HeaderMap, StatusCode};

use super::ErrorReply;
use crate::protocol::{Complaint, classify, explanation, member};

pub(super) fn explain(reply: &ErrorReply<'_>) -> Error {
    let (id, found) = read(reply.body).unwrap_or_else(|| (String::new(), Complaint::quoted(reply.body)));
    failure(Some(reply.status), reply.headers, found, &id)
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
    let body = explanation(body)?;
    let message = Some(member(&body, "message")).filter(|message| !message.is_empty())?;
    Some((member(&body, "id"), Complaint { code: member(&body, "error_type"), message }))
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
