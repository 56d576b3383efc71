//! Error bodies: `{"error": {"message", "type", "code"}}` and the shapes that compatible servers send instead.

use graphbit_core::Error;
use http::{HeaderMap, StatusCode};
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

/// An error object inside a success.
pub(super) fn inside_success(error: &str, headers: &HeaderMap) -> Error {
    if error.len() > MOST_BYTES {
        return classify(
            None,
            headers,
            &Complaint { message: excerpt(error.as_bytes()), ..Complaint::default() },
        );
    }
    let value: Value = serde_json::from_str(error).unwrap_or(Value::Null);
    let number = ["status_code", "code", "status"].iter().find_map(|name| value.get(name)?.as_u64());
    let status = number.and_then(|number| StatusCode::from_u16(u16::try_from(number).ok()?).ok());
    classify(status.filter(|status| status.as_u16() >= 400), headers, &complaint(&value))
}

fn complaint(error: &Value) -> Complaint {
    let text = |name: &str| match error.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    };
    if let Value::String(message) = error {
        return Complaint { message: message.clone(), ..Complaint::default() };
    }
    let message = ["message", "detail", "error"].map(text).into_iter().find(|text| !text.is_empty());
    Complaint { code: format!("{} {}", text("code"), text("type")), message: message.unwrap_or_default() }
}
