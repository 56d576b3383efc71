//! From a status and a vendor's words to one error code with retry advice. The words are those of public API references and
//! of recorded replies; every protocol's `explain` ends here.

use std::time::Duration;

use graphbit_core::{Error, ErrorCode, Retry};
use http::{HeaderMap, StatusCode};

/// The most characters of a vendor's sentence that a message repeats.
const MOST_SAID: usize = 1000;

/// What a vendor says about a failure.
#[derive(Clone, Debug, Default)]
pub(crate) struct Complaint {
    /// The vendor's own code or type, as in `insufficient_quota`.
    pub(crate) code: String,
    /// The vendor's sentence.
    pub(crate) message: String,
}

/// The error for a complaint. `status` is the reply's own, or the one that an error inside a success names.
pub(crate) fn classify(status: Option<StatusCode>, headers: &HeaderMap, complaint: &Complaint) -> Error {
    let words = format!("{} {}", complaint.code, complaint.message).to_ascii_lowercase();
    let says = |any: &[&str]| any.iter().any(|word| words.contains(word));
    let number = status.map_or(0, |status| status.as_u16());
    let code = match number {
        _ if says(&[
            "insufficient_quota",
            "billing_hard_limit",
            "credit balance",
            "exceeded your current quota",
        ]) =>
        {
            ErrorCode::Quota
        }
        402 => ErrorCode::Quota,
        401 | 403 => ErrorCode::Auth,
        400 if says(&["api key not valid", "incorrect api key", "invalid_api_key"]) => ErrorCode::Auth,
        429 if says(&["request too large"]) => ErrorCode::ContextLength,
        429 | 529 => ErrorCode::RateLimited,
        413 => ErrorCode::ContextLength,
        _ if says(&[
            "context_length_exceeded",
            "maximum context length",
            "prompt is too long",
            "exceed_context_size",
        ]) =>
        {
            ErrorCode::ContextLength
        }
        _ if says(&["content_filter", "content_policy", "responsibleaipolicy"]) => ErrorCode::Refused,
        408 => ErrorCode::Unavailable,
        400..=499 => ErrorCode::Rejected,
        500..=599 => ErrorCode::Unavailable,
        _ if says(&["rate_limit", "overloaded", "too many requests"]) => ErrorCode::RateLimited,
        _ if says(&["invalid_api_key", "authentication_error", "permission_error"]) => ErrorCode::Auth,
        _ if says(&["invalid_request", "not_found"]) => ErrorCode::Rejected,
        _ => ErrorCode::Unavailable,
    };
    classify_as(code, status, headers, complaint)
}

/// The error for a complaint whose code the wire itself tells.
pub(crate) fn classify_as(
    code: ErrorCode,
    status: Option<StatusCode>,
    headers: &HeaderMap,
    complaint: &Complaint,
) -> Error {
    let number = status.map_or(0, |status| status.as_u16());
    let mut error = Error::new(code, message(code, number, complaint));
    if let Some(status) = status {
        error = error.status(status.as_u16());
    }
    if let Some(id) = ["x-request-id", "request-id", "apim-request-id", "x-amzn-requestid"]
        .iter()
        .find_map(|name| headers.get(*name)?.to_str().ok())
    {
        error = error.request_id(id);
    }
    if number == 409 {
        error = error.retry(Retry::Now);
    }
    match headers.get("x-should-retry").map(http::HeaderValue::as_bytes) {
        Some(b"false") => error = error.retry(Retry::Never),
        Some(b"true") => error = error.retry(Retry::Now),
        _ => {}
    }
    match retry_after(headers) {
        Some(wait) if error.is_retryable() => error.retry(Retry::After(wait)),
        _ => error,
    }
}

fn message(code: ErrorCode, status: u16, complaint: &Complaint) -> String {
    let said = match complaint.message.trim() {
        "" => "no reason given",
        said => said.char_indices().nth(MOST_SAID).and_then(|(end, _)| said.get(..end)).unwrap_or(said),
    };
    let advice = match code {
        ErrorCode::Auth => "check the API key and what it may use",
        ErrorCode::Quota => "add credit or raise the account's limit; waiting does not help",
        ErrorCode::ContextLength => "shorten the prompt or choose a model with a longer context",
        ErrorCode::RateLimited => "wait, or lower the concurrency",
        ErrorCode::Refused => "change the prompt",
        ErrorCode::Rejected if status == 404 => "check the model's name and the base URL",
        _ => return format!("the provider answered: {said}"),
    };
    format!("the provider answered: {said} — {advice}")
}

/// How long the server asks to wait: `retry-after-ms`, `retry-after` as seconds or as a date beside the reply's own `date`,
/// else the latest `x-ratelimit-reset-*` of an exhausted limit.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    // More than a day is a day: longer than anybody waits, and no reason to come back at once.
    let seconds = |value: f64| (value >= 0.0).then(|| Duration::from_secs_f64(value.min(86_400.0)));
    if let Some(wait) =
        text("retry-after-ms").and_then(|value| value.parse::<f64>().ok()).filter(|ms| *ms > 0.0)
    {
        return seconds(wait / 1000.0);
    }
    if let Some(value) = text("retry-after") {
        if let Ok(value) = value.parse() {
            return seconds(value);
        }
        let until = httpdate::parse_http_date(value).ok()?;
        let now = httpdate::parse_http_date(text("date")?).ok()?;
        return Some(until.duration_since(now).unwrap_or_default());
    }
    ["requests", "tokens"]
        .iter()
        .filter(|what| text(&format!("x-ratelimit-remaining-{what}")) == Some("0"))
        .filter_map(|what| reset(text(&format!("x-ratelimit-reset-{what}"))?))
        .max()
}

/// `6m0s`, `120ms` (Go's durations) or plain seconds.
fn reset(text: &str) -> Option<Duration> {
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let mut total = 0.0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let value: f64 = rest.get(..digits)?.parse().ok()?;
        let tail = rest.get(digits..)?;
        let unit = tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len());
        total += value
            * match tail.get(..unit)? {
                "ms" => 0.001,
                "s" => 1.0,
                "m" => 60.0,
                "h" => 3600.0,
                _ => return None,
            };
        rest = tail.get(unit..)?;
    }
    Duration::try_from_secs_f64(total).ok()
}

#[cfg(test)]
mod tests;
