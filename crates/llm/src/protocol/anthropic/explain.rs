//! Error bodies: `{"type": "error", "error": {"type", "message"}, "request_id"}`, as a reply of its own, as an event of a
//! stream, and the shapes of the clouds and gateways in between.

use graphbit_core::Error;
use http::{HeaderMap, StatusCode};
use serde_json::Value;

use super::ErrorReply;
use crate::protocol::{Complaint, classify, error_of, excerpt, explanation, member};

/// Sentences that say more than the `invalid_request_error` or `rate_limit_error` beside them, and what other vendors call it.
const SENTENCES: [(&str, &str); 4] = [
    ("exceed context limit", "context_length_exceeded"),
    ("blocked by content filtering", "content_filter"),
    ("reached your specified api usage limits", "insufficient_quota"),
    ("extra usage is required", "insufficient_quota"),
];

pub(super) fn explain(reply: &ErrorReply<'_>) -> Error {
    let body = explanation(reply.body).unwrap_or_default();
    let mut found = complaint(&body, reply.body);
    if found.message.contains("token") && is_never_to_succeed(reply) {
        found.code.push_str(" request too large");
    }
    identified(classify(Some(reply.status), reply.headers, &found), &body)
}

/// An error object inside a success, with what is around it.
pub(super) fn inside_success(data: &[u8]) -> Error {
    let body = explanation(data).unwrap_or_default();
    let status = error_of(&body).get("type").and_then(Value::as_str).and_then(status);
    identified(classify(status, &HeaderMap::new(), &complaint(&body, data)), &body)
}

/// Where waiting helps, a limit's reply says how long; a request that is larger than the limit by itself gets neither that
/// nor leave to come back.
fn is_never_to_succeed(reply: &ErrorReply<'_>) -> bool {
    let header = |name: &str| reply.headers.get(name).map(http::HeaderValue::as_bytes);
    reply.status == StatusCode::TOO_MANY_REQUESTS
        && header("x-should-retry") == Some(b"false")
        && header("retry-after").is_none()
}

/// The status that the reference pairs with a type of error.
fn status(kind: &str) -> Option<StatusCode> {
    Some(match kind {
        "invalid_request_error" => StatusCode::BAD_REQUEST,
        "authentication_error" => StatusCode::UNAUTHORIZED,
        "billing_error" => StatusCode::PAYMENT_REQUIRED,
        "permission_error" => StatusCode::FORBIDDEN,
        "not_found_error" => StatusCode::NOT_FOUND,
        "request_too_large" => StatusCode::PAYLOAD_TOO_LARGE,
        "rate_limit_error" => StatusCode::TOO_MANY_REQUESTS,
        "api_error" => StatusCode::INTERNAL_SERVER_ERROR,
        "timeout_error" => StatusCode::GATEWAY_TIMEOUT,
        "overloaded_error" => return StatusCode::from_u16(529).ok(),
        _ => return None,
    })
}

fn complaint(body: &Value, bytes: &[u8]) -> Complaint {
    let error = error_of(body);
    let text = |name: &str| member(error, name);
    let message = match error {
        Value::String(message) => message.clone(),
        _ => ["message", "detail"]
            .map(text)
            .into_iter()
            .find(|text| !text.is_empty())
            .unwrap_or_else(|| excerpt(bytes)),
    };
    let mut code = ["type", "code", "status"].map(text).join(" ");
    let said = message.to_ascii_lowercase();
    for (_, word) in SENTENCES.iter().filter(|(sentence, _)| said.contains(sentence)) {
        code.push(' ');
        code.push_str(word);
    }
    Complaint { code, message }
}

/// The id of the request, where no header gave it.
fn identified(error: Error, body: &Value) -> Error {
    match body.get("request_id").and_then(Value::as_str) {
        Some(id) if error.context().request_id.is_none() => error.request_id(id),
        _ => error,
    }
}
