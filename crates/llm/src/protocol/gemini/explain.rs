//! Error bodies: `{"error": {"code", "message", "status", "details"}}`, also alone in a list. The details say what headers do
//! elsewhere: `RetryInfo` how long to wait, `QuotaFailure` which quota was hit, `ErrorInfo` why in one word.

use std::time::Duration;

use graphbit_core::{Error, ErrorCode, Retry};
use http::{HeaderMap, StatusCode};
use serde_json::Value;

use super::ErrorReply;
use crate::protocol::{Complaint, classify, classify_as, error_of, explanation, failure_status};

/// Longer than anybody waits.
const MOST_WAIT: f64 = 86_400.0;

pub(super) fn explain(reply: &ErrorReply<'_>) -> Error {
    match explanation(reply.body) {
        Some(body) => judge(Some(reply.status), reply.headers, error_of(&body)),
        None => classify(Some(reply.status), reply.headers, &Complaint::quoted(reply.body)),
    }
}

/// An error object inside a success.
pub(super) fn inside_success(error: &str) -> Error {
    let headers = HeaderMap::new();
    let Some(value) = explanation(error.as_bytes()) else {
        return classify(None, &headers, &Complaint::quoted(error.as_bytes()));
    };
    let number = value.get("code").and_then(Value::as_u64).and_then(failure_status);
    judge(number.or_else(|| status(value.get("status")?.as_str()?)), &headers, &value)
}

fn judge(status: Option<StatusCode>, headers: &HeaderMap, error: &Value) -> Error {
    let text = |name: &str| error.get(name).and_then(Value::as_str).unwrap_or_default();
    let message = error.as_str().unwrap_or_else(|| text("message")).to_owned();
    let reason = details(error).find_map(|detail| detail.get("reason")?.as_str()).unwrap_or_default();
    let code = code(status, error, reason, &message.to_ascii_lowercase());
    let complaint = Complaint { code: format!("{} {reason}", text("status")), message };
    let found = match code {
        Some(code) => classify_as(code, status, headers, &complaint),
        None => classify(status, headers, &complaint),
    };
    match wait(error) {
        Some(wait) if found.is_retryable() && found.retry_after().is_none() => {
            found.retry(Retry::After(wait))
        }
        _ => found,
    }
}

fn details(error: &Value) -> impl Iterator<Item = &Value> {
    error.get("details").and_then(Value::as_array).into_iter().flatten()
}

/// What this wire says in its own way; `None` where the status says enough.
fn code(status: Option<StatusCode>, error: &Value, reason: &str, message: &str) -> Option<ErrorCode> {
    let says = |any: &[&str]| any.iter().any(|words| message.contains(words));
    match status.map(|status| status.as_u16()) {
        _ if reason.starts_with("API_KEY_") => Some(ErrorCode::Auth),
        Some(429)
            if is_spent(error)
                || says(&["credits are depleted", "spending cap", "limit: 0,", "limit: 0\n"]) =>
        {
            Some(ErrorCode::Quota)
        }
        // "exceeded your current quota" is also what a quota per minute says.
        Some(429) => Some(ErrorCode::RateLimited),
        Some(400) if says(&["input token count"]) && says(&["exceeds", "only supports up to"]) => {
            Some(ErrorCode::ContextLength)
        }
        Some(400) if says(&["request payload size exceeds"]) => Some(ErrorCode::ContextLength),
        _ => None,
    }
}

/// Whether one of the quotas that were hit does not fill up again within minutes: one per day, or one of nothing at all. The
/// `RetryInfo` beside it is of no use then.
fn is_spent(error: &Value) -> bool {
    let violations = details(error).filter_map(|detail| detail.get("violations")?.as_array()).flatten();
    let mut spent = violations.map(|violation| {
        let text = |name: &str| violation.get(name).and_then(Value::as_str).unwrap_or_default();
        let quota =
            format!("{} {}", text("quotaId"), text("quotaMetric")).replace('_', "").to_ascii_lowercase();
        text("quotaValue") == "0"
            || ["perday", "perweek", "permonth"].iter().any(|period| quota.contains(period))
    });
    spent.any(|spent| spent)
}

/// `RetryInfo.retryDelay`: a protobuf duration as JSON, as in `"38.6s"`.
fn wait(error: &Value) -> Option<Duration> {
    let delay = details(error).find_map(|detail| detail.get("retryDelay")?.as_str())?;
    let seconds: f64 = delay.strip_suffix('s')?.parse().ok()?;
    (seconds >= 0.0).then(|| Duration::from_secs_f64(seconds.min(MOST_WAIT)))
}

/// The HTTP status of a `google.rpc.Code`, as `google/rpc/code.proto` maps them.
fn status(name: &str) -> Option<StatusCode> {
    let number = match name {
        "INVALID_ARGUMENT" | "FAILED_PRECONDITION" | "OUT_OF_RANGE" => 400,
        "UNAUTHENTICATED" => 401,
        "PERMISSION_DENIED" => 403,
        "NOT_FOUND" => 404,
        "ALREADY_EXISTS" | "ABORTED" => 409,
        "RESOURCE_EXHAUSTED" => 429,
        "CANCELLED" => 499,
        "UNKNOWN" | "INTERNAL" | "DATA_LOSS" => 500,
        "UNIMPLEMENTED" => 501,
        "UNAVAILABLE" => 503,
        "DEADLINE_EXCEEDED" => 504,
        _ => return None,
    };
    failure_status(number)
}
