//! Error bodies: `{"error": {"message", "type", "code"}}` and the shapes that compatible servers send instead.

use graphbit_core::{Error, ErrorCode};
use http::{HeaderMap, StatusCode};
use serde_json::Value;

use super::ErrorReply;
use crate::protocol::{
    Complaint, classify, classify_as, error_of, excerpt, explanation, failure_status, member,
};

pub(super) fn explain(reply: &ErrorReply<'_>) -> Error {
    let found = read(reply.body).1;
    match reply.status.as_u16() {
        // Groq's own: its flexible tier has no room just now.
        498 => classify_as(ErrorCode::RateLimited, Some(reply.status), reply.headers, &found),
        _ => classify(Some(reply.status), reply.headers, &found),
    }
}

/// What a success carries instead of an answer: an error object, alone or within its envelope, or plain words.
pub(super) fn inside_success(error: &str) -> Error {
    let (value, mut complaint) = read(error.as_bytes());
    if let Some(code) = value.pointer("/base_resp/status_code").and_then(Value::as_u64) {
        if matches!(code, 1026 | 1027) {
            complaint.code.push_str(" content_filter"); // of the prompt, of the answer
        }
        return classify(minimax_status(code), &HeaderMap::new(), &complaint);
    }
    let value = error_of(&value);
    // Only this one reply's status is missing; the vendor's is often in the object.
    let number = ["status_code", "code", "status"].iter().find_map(|name| match value.get(name)? {
        Value::String(text) => text.parse().ok(),
        number => number.as_u64(),
    });
    classify(number.and_then(failure_status), &HeaderMap::new(), &complaint)
}

/// The status that a code of MiniMax's stands for. Source: its reference, "Error Code".
fn minimax_status(code: u64) -> Option<StatusCode> {
    failure_status(match code {
        1004 | 2049 => 401,
        1008 => 402,
        1002 | 1039 | 2045 | 2056 => 429,
        1026 | 1027 | 1042 | 2013 => 400,
        1000 | 1024 | 1033 => 500,
        1001 => 504,
        _ => return None,
    })
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
    let resp = body.get("base_resp").map(|resp| member(resp, "status_msg"));
    let message = message.into_iter().chain(resp).find(|text| !text.is_empty()).unwrap_or_default();
    let reason = error.get("innererror").map(|inner| member(inner, "code")).unwrap_or_default();
    let code = format!("{} {} {reason}", member(error, "code"), member(error, "type"));
    // OpenRouter: "Provider returned error" says nothing; what the provider returned is beside it.
    let message = match error.get("metadata").map(|metadata| member(metadata, "raw")) {
        Some(raw) if !raw.is_empty() => format!("{message}: {}", excerpt(raw.as_bytes())),
        _ => message,
    };
    Complaint { code, message }
}
