//! Error bodies and error events: `{"error": {"code", "type", "message"}}`, flat `{"code", "error": "…"}` (xAI),
//! `{"detail": "…"}` (Codex), and the event `{"type": "error", "code", "message"}` of older servers.

use graphbit_core::Error;
use http::{HeaderMap, StatusCode};
use serde_json::Value;

use super::ErrorReply;
use crate::protocol::{Complaint, classify, excerpt};

/// An explanation is short; a larger one is only quoted.
const MOST_BYTES: usize = 64 << 10;

/// How the codes begin that blame the request (the reference's `ResponseErrorCode`): trying again does not help.
const REQUEST_FAULTS: [&str; 5] = ["invalid_", "image_", "empty_image", "unsupported_", "failed_to_download"];

pub(super) fn explain(reply: &ErrorReply<'_>) -> Error {
    let found = match serde_json::from_slice::<Value>(reply.body) {
        Ok(body) => complaint(&body),
        Err(_) => Complaint { message: excerpt(reply.body), ..Complaint::default() },
    };
    classify(Some(reply.status), reply.headers, &found)
}

/// An error inside a success: the whole event, or the error object of a reply.
pub(super) fn inside_success(error: &str) -> Error {
    let headers = HeaderMap::new();
    if error.len() > MOST_BYTES {
        let found = Complaint { message: excerpt(error.as_bytes()), ..Complaint::default() };
        return classify(None, &headers, &found);
    }
    let value: Value = serde_json::from_str(error).unwrap_or(Value::Null);
    let inner = value.get("error").unwrap_or(&Value::Null);
    let number = ["status_code", "status", "code"]
        .iter()
        .find_map(|name| inner.get(name).and_then(Value::as_u64).or_else(|| value.get(name)?.as_u64()));
    let status = number
        .and_then(|number| StatusCode::from_u16(u16::try_from(number).ok()?).ok())
        .filter(|status| status.as_u16() >= 400);
    let mut found = complaint(&value);
    if status.is_none() && REQUEST_FAULTS.iter().any(|start| found.code.starts_with(start)) {
        found.code.push_str(" invalid_request_error");
    }
    classify(status, &headers, &found)
}

fn complaint(body: &Value) -> Complaint {
    let outer = |name: &str| text(body.get(name));
    let error = body.get("error").filter(|error| !error.is_null()).unwrap_or(body);
    if let Value::String(message) = error {
        return Complaint { code: outer("code"), message: message.clone() };
    }
    let inner = |name: &str| text(error.get(name));
    let message = ["message", "detail", "error"].map(inner).into_iter().find(|text| !text.is_empty());
    Complaint { code: format!("{} {}", inner("code"), inner("type")), message: message.unwrap_or_default() }
}

fn text(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    }
}
