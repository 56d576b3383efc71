//! What a case says that it holds, and whether a reply says the same.

use graphbit_core::Error;
use graphbit_testkit::recorded::Recording;
use serde_json::{Value, json};

use super::{is_truncated, label};
use crate::{FinishReason, Response};

/// Whether a reply says what its case says.
pub(super) fn agree(case: &Recording, got: &Response, adjust: impl Fn(&Recording, &mut Value, &mut Value)) {
    let (mut said, mut wanted) = (said(case, got), wanted(case));
    adjust(case, &mut said, &mut wanted);
    assert_eq!(said, wanted, "{}", label(case));
}

/// What a reply says, in the form of [`wanted`].
fn said(case: &Recording, got: &Response) -> Value {
    let usage = got.usage.clone().unwrap_or_default();
    // The cases put calls that Anthropic made itself elsewhere; those that others made stand among the client's, and count where
    // the turn ends.
    let (ours, served): (Vec<_>, Vec<_>) = got
        .tool_calls
        .iter()
        .filter(|call| case.dialect != "anthropic" || !call.provider_executed)
        .partition(|call| !call.provider_executed);
    let stopped = got.finish_reason == Some(FinishReason::Stop);
    let finish = if stopped && ours.is_empty() && !served.is_empty() {
        Some(FinishReason::ToolCalls)
    } else {
        got.finish_reason
    };
    let calls = got.tool_calls.iter().filter(|call| ours.contains(call) || served.contains(call));
    let calls =
        calls.map(|call| json!({"id": call.id, "name": call.name, "arguments": arguments(&call.arguments)}));
    json!({
        "text": got.text, "reasoning": got.reasoning, "refusal": got.refusal, "id": got.id, "model": got.model,
        "raw": got.finish_raw, "finish": finish.map(FinishReason::as_str),
        "calls": calls.collect::<Value>(),
        "input": usage.vendor_input(), "output": usage.vendor_output(), "cached": usage.cached,
        "cache_write": usage.cache_write, "reasoned": usage.reasoning, "usage": usage.raw,
    })
}

fn wanted(case: &Recording) -> Value {
    let (want, usage) = (&case.expected, &case.expected["usage"]);
    let text = |key: &str| want[key].as_str().unwrap_or("");
    json!({
        "text": text("text"), "reasoning": text("reasoning"), "refusal": text("refusal"), "id": want["id"],
        "model": want["model"], "raw": want["finish_reason"], "finish": want["finish_unified"],
        "calls": wanted_calls(case),
        "input": usage["input"], "output": usage["output"], "cached": usage["cached"],
        "cache_write": usage["cache_write"], "reasoned": usage["reasoning"], "usage": want["usage_raw"],
    })
}

fn wanted_calls(case: &Recording) -> Value {
    let calls = case.expected["tool_calls"].as_array().into_iter().flatten();
    let id = |call: &Value| call["id"].as_str().filter(|id| !id.is_empty()).map(str::to_owned);
    let raw = |call: &Value| arguments(call["arguments_raw"].as_str().unwrap_or(""));
    calls.map(|call| json!({"id": id(call), "name": call["name"], "arguments": raw(call)})).collect()
}

/// Arguments as a JSON value where they are one.
pub(in crate::protocol) fn arguments(raw: &str) -> Value {
    match raw {
        "" => json!({}),
        raw => serde_json::from_str(raw).unwrap_or_else(|_| raw.into()),
    }
}

/// The code of a failure that a case suggests.
pub(super) fn suggested(case: &Recording) -> &'static str {
    let want = &case.expected["error"];
    match want["class_suggested"].as_str().unwrap() {
        "auth" | "permission" => "AUTH",
        "invalid_request" | "not_found" => "REJECTED",
        "cancelled" => "REJECTED", // by the server, not by us: 499 like other statuses of its kind
        // The request alone is larger than the limit: no waiting helps.
        "rate_limit" if want["retryable_suggested"] == false => "CONTEXT_LENGTH",
        "rate_limit" => "RATE_LIMITED",
        // Anthropic's "Overloaded" asks the same of each as a limit: come back later, with less at once.
        "overloaded" if case.dialect == "anthropic" => "RATE_LIMITED",
        "overloaded" | "server" => "UNAVAILABLE",
        "quota" => "QUOTA",
        "context_length" | "payload_too_large" => "CONTEXT_LENGTH",
        "content_filter" => "REFUSED",
        other => panic!("{}: no code for {other}", label(case)),
    }
}

/// Whether an error is that of its case, with the same advice.
pub(in crate::protocol) fn error_agrees(case: &Recording, error: &Error) {
    let (name, want) = (label(case), &case.expected["error"]);
    assert_eq!(error.code().as_str(), suggested(case), "{name}: {error}");
    assert_eq!(json!(error.is_retryable()), want["retryable_suggested"], "{name}");
    let wait = case.expected["retry_after_ms"].as_u64().or(want["retry_after_ms_from_body"].as_u64());
    assert_eq!(error.retry_after().map(|wait| wait.as_millis() as u64), wait, "{name}");
    if case.dialect == "gemini" {
        assert_eq!(error.context().status.map(u64::from), want["code"].as_u64(), "{name}");
    }
    // Of the many pages that stand before chat servers, a message gives an excerpt.
    let words = want["message"].as_str().unwrap_or("").trim();
    assert!(case.dialect == "chat" || error.message().contains(words), "{name}: {error}");
}

/// Whether a reply ended as its case does.
pub(super) fn end_agrees(case: &Recording, end: Result<(), Error>) {
    match end {
        Ok(()) => assert!(!is_truncated(case) && case.expected["error"].is_null(), "{}", label(case)),
        Err(error) if case.expected["error"].is_object() => error_agrees(case, &error),
        Err(error) => {
            assert_eq!((error.code().as_str(), is_truncated(case)), ("TRUNCATED", true), "{}", label(case));
        }
    }
}

/// Whether a reply that was cut off holds nothing but the beginning of the whole one.
pub(in crate::protocol) fn is_beginning(part: &Response, whole: &Response, name: &str) {
    assert!(whole.text.starts_with(&part.text), "{name}");
    assert!(whole.reasoning.starts_with(&part.reasoning), "{name}");
    assert!(part.tool_calls.len() <= whole.tool_calls.len(), "{name}");
    for (part, whole) in part.tool_calls.iter().zip(&whole.tool_calls) {
        assert_eq!((&part.id, &part.name), (&whole.id, &whole.name), "{name}");
        assert!(whole.arguments.starts_with(&part.arguments), "{name}");
    }
}
