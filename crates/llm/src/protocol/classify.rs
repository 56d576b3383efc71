//! From a status and a vendor's words to one error code with retry advice. The words are those of public API references and
//! of recorded replies; every protocol's `explain` ends here.

use std::time::Duration;

use graphbit_core::{Error, ErrorCode, Retry};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::Value;

use super::excerpt;

/// The most characters of a vendor's sentence that a message repeats.
const MOST_SAID: usize = 1000;

/// The account has nothing left.
const NO_CREDIT: &[&str] = &[
    "insufficient_quota",
    "insufficient balance",
    "insufficient credits",
    "billing_hard_limit",
    "credit balance",
    "exceeded your current quota",
    "exceeded_current_quota",
    "billing_not_active",
    "arrearage",
    "used all available credits",
    "spending limit",
    "credit limit exceeded",
];
/// A wrong key, where it is no 401.
const WRONG_KEY: &[&str] = &["api key not valid", "incorrect api key", "invalid api key", "invalid_api_key"];
/// The prompt does not fit, in the words of one vendor or another.
const TOO_LONG: &[&str] = &[
    "context length",
    "context_length",
    "exceed_context_size",
    "exceeds the available context size",
    "context window",
    "prompt is too long",
    "prompt too long",
    "messages is too long",
    "too_many_prompt_tokens",
    "too many tokens: size limit exceeded",
    "exceeds the maximum number of tokens",
    "maximum prompt length",
    "max_prompt_tokens_exceeded",
    "prompt exceeds max length",
    "exceeded model token limit",
    "range of input length should be",
    "must have less than",
    "tokens + `max_new_tokens` must be",
];
/// A filter withheld the prompt or the answer.
const FILTERED: &[&str] = &[
    "content_filter",
    "content_policy",
    "responsibleaipolicy",
    "data_inspection_failed",
    "datainspectionfailed",
];

/// What a vendor says about a failure.
#[derive(Clone, Debug, Default)]
pub(crate) struct Complaint {
    /// The vendor's own code or type, as in `insufficient_quota`.
    pub(crate) code: String,
    /// The vendor's sentence.
    pub(crate) message: String,
}

impl Complaint {
    /// Words that are no JSON, or more than an explanation: their beginning.
    pub(crate) fn quoted(body: &[u8]) -> Self {
        Self { message: excerpt(body), ..Self::default() }
    }
}

/// The body of an error as JSON. An explanation is short; a larger one is only to be quoted.
pub(crate) fn explanation(body: &[u8]) -> Option<Value> {
    const MOST_BYTES: usize = 64 << 10;
    Some(body).filter(|body| body.len() <= MOST_BYTES).and_then(|body| serde_json::from_slice(body).ok())
}

/// The object that complains: `error`, else the body itself. Gateways to Google's servers wrap either in a list.
pub(crate) fn error_of(body: &Value) -> &Value {
    let body = body.get(0).unwrap_or(body);
    body.get("error").filter(|error| !error.is_null()).unwrap_or(body)
}

/// A member as text, empty where there is none.
pub(crate) fn member(of: &Value, name: &str) -> String {
    match of.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    }
}

/// The status of a failure that a body names.
pub(crate) fn failure_status(number: u64) -> Option<StatusCode> {
    let status = StatusCode::from_u16(u16::try_from(number).ok()?).ok()?;
    (status.as_u16() >= 400).then_some(status)
}

/// The error for a complaint. `status` is the reply's own, or the one that an error inside a success names.
pub(crate) fn classify(status: Option<StatusCode>, headers: &HeaderMap, complaint: &Complaint) -> Error {
    let words = format!("{} {}", complaint.code, complaint.message).to_ascii_lowercase();
    let says = |any: &[&str]| any.iter().any(|word| words.contains(word));
    let number = status.map_or(0, |status| status.as_u16());
    let code = match number {
        // Google says "exceeded your current quota" of every limit, also of those per minute.
        429 if says(&["resource_exhausted"]) => ErrorCode::RateLimited,
        _ if says(NO_CREDIT) => ErrorCode::Quota,
        402 => ErrorCode::Quota,
        401 | 403 => ErrorCode::Auth,
        400 if says(WRONG_KEY) => ErrorCode::Auth,
        429 if says(&["request too large"]) => ErrorCode::ContextLength,
        429 | 529 => ErrorCode::RateLimited,
        413 => ErrorCode::ContextLength,
        // Before the words: a server that failed may tell of anything.
        408 | 500..=599 => ErrorCode::Unavailable,
        _ if says(TOO_LONG) => ErrorCode::ContextLength,
        _ if says(FILTERED) => ErrorCode::Refused,
        400..=499 => ErrorCode::Rejected,
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
    if let Some(id) = request_id(headers).and_then(|id| id.to_str().ok()) {
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
    let said = || advised(&complaint.message).filter(|_| code == ErrorCode::RateLimited);
    match retry_after(headers).or_else(said) {
        Some(wait) if error.is_retryable() => error.retry(Retry::After(wait)),
        _ => error,
    }
}

/// The server's own name for the exchange.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<&HeaderValue> {
    let names = ["x-request-id", "request-id", "apim-request-id", "x-amzn-requestid"];
    names.iter().find_map(|name| headers.get(*name).filter(|id| id.to_str().is_ok()))
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

/// How long the server asks to wait: `retry-after-ms`, `retry-after` as seconds, as `1m30s` or as a date beside the reply's own
/// `date`, else the latest `x-ratelimit-reset-*` of an exhausted limit.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    if let Some(wait) =
        text("retry-after-ms").and_then(|value| value.parse::<f64>().ok()).filter(|ms| *ms >= 0.0)
    {
        return seconds(wait / 1000.0);
    }
    if let Some(value) = text("retry-after").filter(|value| !value.is_empty()) {
        if let Ok(value) = value.parse() {
            return seconds(value);
        }
        if let Some(wait) = go_duration(value) {
            return Some(wait);
        }
        let until = httpdate::parse_http_date(value).ok()?;
        let now = httpdate::parse_http_date(text("date")?).ok()?;
        return Some(until.duration_since(now).unwrap_or_default().min(LONGEST));
    }
    ["requests", "tokens"]
        .iter()
        .filter(|what| text(&format!("x-ratelimit-remaining-{what}")) == Some("0"))
        .filter_map(|what| go_duration(text(&format!("x-ratelimit-reset-{what}"))?))
        .filter(|wait| !wait.is_zero())
        .max()
}

/// How long a sentence asks to wait, as OpenAI's and Groq's do also where there are no headers, in a stream: "Please try again
/// in 1.242s", "in 6m0s", "in 20 seconds".
fn advised(message: &str) -> Option<Duration> {
    const ADVICE: &str = "try again in ";
    let at = message.to_ascii_lowercase().find(ADVICE)?;
    let mut words = message.get(at + ADVICE.len()..)?.split_whitespace();
    let wait = words.next()?.trim_end_matches(['.', ',']);
    let has_unit = wait.ends_with(|c: char| c.is_ascii_alphabetic());
    let in_seconds = words.next().is_some_and(|unit| unit.starts_with("second"));
    go_duration(wait).filter(|wait| (has_unit || in_seconds) && !wait.is_zero())
}

/// Longer than anybody waits, and no reason to come back at once: more than this is this.
const LONGEST: Duration = Duration::from_secs(86_400);

fn seconds(value: f64) -> Option<Duration> {
    (value >= 0.0).then(|| Duration::from_secs_f64(value.min(LONGEST.as_secs_f64())))
}

/// `6m0s`, `120ms` (Go's durations) or plain seconds.
pub(super) fn go_duration(text: &str) -> Option<Duration> {
    if let Ok(value) = text.parse::<f64>() {
        return seconds(value);
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
    seconds(total)
}

#[cfg(test)]
mod tests;
