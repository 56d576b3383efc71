//! Error bodies: `{"error": {"message", "type", "code"}}` and the shapes that compatible servers send instead.

use graphbit_core::Error;
use http::{HeaderMap, StatusCode};
use serde_json::Value;

use super::ErrorReply;
use crate::protocol::{Complaint, classify, excerpt};

/// An explanation is short; a larger one is only quoted.
const MOST_BYTES: usize = 64 << 10;

pub(super) fn explain(reply: &ErrorReply<'_>) -> Error {
    classify(Some(reply.status), reply.headers, &read(reply.body).1)
}

/// What a success carries instead of an answer: an error object, alone or within its envelope, or plain words.
pub(super) fn inside_success(error: &str) -> Error {
    let (value, complaint) = read(error.as_bytes());
    let value = inner(&value);
    // Only this one reply's status is missing; the vendor's is often in the object.
    let number = ["status_code", "code", "status"].iter().find_map(|name| match value.get(name)? {
        Value::String(text) => text.parse().ok(),
        number => number.as_u64(),
    });
    let status = number.and_then(|number| StatusCode::from_u16(u16::try_from(number).ok()?).ok());
    classify(status.filter(|status| status.as_u16() >= 400), &HeaderMap::new(), &complaint)
}

fn read(body: &[u8]) -> (Value, Complaint) {
    let small = Some(body).filter(|body| body.len() <= MOST_BYTES);
    match small.and_then(|body| serde_json::from_slice::<Value>(body).ok()) {
        Some(body) => {
            let complaint = complaint(&body);
            (body, complaint)
        }
        None => (Value::Null, Complaint { message: excerpt(body), ..Complaint::default() }),
    }
}

/// The object that complains: `error`, else the body itself. Gateways to Gemini wrap it in a list.
fn inner(body: &Value) -> &Value {
    let body = body.as_array().and_then(|list| list.first()).unwrap_or(body);
    body.get("error").filter(|error| !error.is_null()).unwrap_or(body)
}

fn complaint(body: &Value) -> Complaint {
    let error = inner(body);
    if let Value::String(message) = error {
        // xAI: `{"code": words, "error": words}`.
        return Complaint { code: text(body, "code"), message: message.clone() };
    }
    let message = ["message", "detail", "error"].map(|name| text(error, name));
    let message = message.into_iter().find(|text| !text.is_empty()).unwrap_or_default();
    let reason = error.get("innererror").map(|inner| text(inner, "code")).unwrap_or_default();
    let code = format!("{} {} {reason}", text(error, "code"), text(error, "type"));
    // OpenRouter: "Provider returned error" says nothing; what the provider returned is beside it.
    let message = match error.get("metadata").map(|metadata| text(metadata, "raw")) {
        Some(raw) if !raw.is_empty() => format!("{message}: {}", excerpt(raw.as_bytes())),
        _ => message,
    };
    Complaint { code, message }
}

fn text(value: &Value, name: &str) -> String {
    match value.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    }
}
