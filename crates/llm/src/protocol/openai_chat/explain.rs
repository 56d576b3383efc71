//! Error bodies: `{"error": {"message", "type", "code"}}` and the shapes that compatible servers send instead.

use graphbit_core::Error;
use http::HeaderMap;
use serde_json::Value;

use super::ErrorReply;
use crate::protocol::{Complaint, classify, error_of, excerpt, explanation, failure_status, member};

pub(super) fn explain(reply: &ErrorReply<'_>) -> Error {
    classify(Some(reply.status), reply.headers, &read(reply.body).1)
}

/// What a success carries instead of an answer: an error object, alone or within its envelope, or plain words.
pub(super) fn inside_success(error: &str) -> Error {
    let (value, complaint) = read(error.as_bytes());
    let value = error_of(&value);
    // Only this one reply's status is missing; the vendor's is often in the object.
    let number = ["status_code", "code", "status"].iter().find_map(|name| match value.get(name)? {
        Value::String(text) => text.parse().ok(),
        number => number.as_u64(),
    });
    classify(number.and_then(failure_status), &HeaderMap::new(), &complaint)
}

fn read(body: &[u8]) -> (Value, Complaint) {
    match explanation(body) {
        Some(value) => {
            let complaint = complaint(&value);
            (value, complaint)
        }
        None => (Value::Null, Complaint::quoted(body)),
    }
}

fn complaint(body: &Value) -> Complaint {
    let error = error_of(body);
    if let Value::String(message) = error {
        // xAI: `{"code": words, "error": words}`.
        return Complaint { code: member(body, "code"), message: message.clone() };
    }
    let message = ["message", "detail", "error"].map(|name| member(error, name));
    let message = message.into_iter().find(|text| !text.is_empty()).unwrap_or_default();
    let reason = error.get("innererror").map(|inner| member(inner, "code")).unwrap_or_default();
    let code = format!("{} {} {reason}", member(error, "code"), member(error, "type"));
    // OpenRouter: "Provider returned error" says nothing; what the provider returned is beside it.
    let message = match error.get("metadata").map(|metadata| member(metadata, "raw")) {
        Some(raw) if !raw.is_empty() => format!("{message}: {}", excerpt(raw.as_bytes())),
        _ => message,
    };
    Complaint { code, message }
}
