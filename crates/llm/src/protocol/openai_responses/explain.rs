//! Error bodies and error events: `{"error": {"code", "type", "message"}}`, flat `{"code", "error": "…"}` (xAI),
//! `{"detail": "…"}` (Codex), and the event `{"type": "error", "code", "message"}` of older servers.

use graphbit_core::Error;
use http::HeaderMap;
use serde_json::Value;

use super::ErrorReply;
use crate::protocol::{Complaint, classify, error_of, explanation, failure_status, member};

/// How the codes begin that blame the request (the reference's `ResponseErrorCode`): trying again does not help.
const REQUEST_FAULTS: [&str; 5] = ["invalid_", "image_", "empty_image", "unsupported_", "failed_to_download"];

pub(super) fn explain(reply: &ErrorReply<'_>) -> Error {
    let found =
        explanation(reply.body).map_or_else(|| Complaint::quoted(reply.body), |body| complaint(&body));
    classify(Some(reply.status), reply.headers, &found)
}

/// An error inside a success: the whole event, or the error object of a reply.
pub(super) fn inside_success(error: &str) -> Error {
    let headers = HeaderMap::new();
    let Some(value) = explanation(error.as_bytes()) else {
        return classify(None, &headers, &Complaint::quoted(error.as_bytes()));
    };
    let inner = value.get("error").unwrap_or(&Value::Null);
    let number = ["status_code", "status", "code"]
        .iter()
        .find_map(|name| inner.get(name).and_then(Value::as_u64).or_else(|| value.get(name)?.as_u64()));
    let status = number.and_then(failure_status);
    let mut found = complaint(&value);
    if status.is_none() && REQUEST_FAULTS.iter().any(|start| found.code.starts_with(start)) {
        found.code.push_str(" invalid_request_error");
    }
    classify(status, &headers, &found)
}

fn complaint(body: &Value) -> Complaint {
    let error = error_of(body);
    if let Value::String(message) = error {
        return Complaint { code: member(body, "code"), message: message.clone() };
    }
    let inner = |name: &str| member(error, name);
    let message = ["message", "detail", "error"].map(inner).into_iter().find(|text| !text.is_empty());
    Complaint { code: format!("{} {}", inner("code"), inner("type")), message: message.unwrap_or_default() }
}
