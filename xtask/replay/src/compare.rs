//! An outcome against what the recordings' own reader made of the same bytes.

use graphbit_core::Error;
use serde_json::{Value, json};

use crate::line;
use crate::outcome::Outcome;

/// What differs, each as `field: ours, not theirs`.
pub(crate) fn compare(expected: &Value, status: u16, outcome: &Outcome) -> Vec<String> {
    if expected.is_null() {
        return Vec::new(); // nothing is told: only that cuts change nothing can be checked
    }
    let mut differences = Vec::new();
    let mut check = |field: &str, ours: Value, theirs: &Value| {
        if ours != *theirs {
            differences.push(format!("{field}: {}, not {}", short(&ours), short(theirs)));
        }
    };
    let response = &outcome.response;
    for (field, ours) in [("text", &*response.text), ("reasoning", line::reasoning(outcome))] {
        check(field, json!(ours), &json!(text(expected, field)));
    }
    check("refusal", json!(response.refusal), &json!(text(expected, "refusal")));
    let calls = line::tool_calls(outcome).map(|call| {
        let arguments = line::arguments(&call.arguments);
        json!({"id": call.id.as_deref().unwrap_or(""), "name": call.name, "arguments": arguments})
    });
    // Calls whose arguments came value by value were not read, as the recording says itself, and what follows from there being
    // calls was not, either.
    if at(expected, "partial_args") != &json!(true) {
        check("tool calls", calls.collect(), &wanted_calls(expected));
        check("finish", json!(line::finish(outcome)), at(expected, "finish_unified"));
    }
    if let Some(served) = expected.get("server_tool_calls") {
        let ours =
            response.tool_calls.iter().filter(|call| call.provider_executed).map(
                |call| json!({"id": call.id, "name": call.name, "input": line::arguments(&call.arguments)}),
            );
        check("provider's calls", ours.collect(), served);
    }
    let usage = response.usage.clone().unwrap_or_default();
    for (field, ours) in [
        ("input", usage.vendor_input()),
        ("output", usage.vendor_output()),
        ("cached", usage.cached),
        ("cache_write", usage.cache_write),
        ("reasoning", usage.reasoning),
    ] {
        check(&format!("usage.{field}"), json!(ours), at(at(expected, "usage"), field));
    }
    differences.extend(compare_error(expected, status, outcome.error.as_ref()));
    differences
}

fn compare_error(expected: &Value, status: u16, ours: Option<&Error>) -> Vec<String> {
    let theirs = at(expected, "error");
    let cut = at(expected, "truncated") == &json!(true);
    let codes: &[&str] = match text(theirs, "class_suggested") {
        _ if theirs.is_null() && cut => &["TRUNCATED"],
        _ if theirs.is_null() => &[],
        "auth" | "permission" => &["AUTH"],
        "invalid_request" | "not_found" | "cancelled" => &["REJECTED"],
        // The request alone is larger than the limit: no waiting helps.
        "rate_limit" if at(theirs, "retryable_suggested") == &json!(false) => &["CONTEXT_LENGTH"],
        "rate_limit" => &["RATE_LIMITED"],
        "quota" => &["QUOTA"],
        "overloaded" => &["RATE_LIMITED", "UNAVAILABLE"],
        "server" => &["UNAVAILABLE"],
        "context_length" | "payload_too_large" => &["CONTEXT_LENGTH"],
        "content_filter" => &["REFUSED"],
        other => return vec![format!("error: no code for the class {other}")],
    };
    let said = ours.map_or("none", |error| error.code().as_str());
    let agrees = if codes.is_empty() { ours.is_none() } else { codes.contains(&said) };
    if !agrees {
        let why = ours.map_or("", Error::message);
        return vec![format!("error: {said}, not {codes:?} ({})", short(&json!(why)))];
    }
    let (Some(error), false) = (ours, theirs.is_null()) else { return Vec::new() };
    let mut differences = Vec::new();
    let mut check = |field: &str, ours: Value, theirs: &Value| {
        if !theirs.is_null() && ours != *theirs {
            differences.push(format!("error.{field}: {ours}, not {theirs}"));
        }
    };
    check("retryable", json!(error.is_retryable()), at(theirs, "retryable_suggested"));
    let wait = json!(error.retry_after().map(|wait| wait.as_millis()));
    check("retry_after_ms", wait.clone(), at(expected, "retry_after_ms"));
    check("retry_after_ms", wait, at(theirs, "retry_after_ms_from_body"));
    if status >= 400 {
        check("status", json!(error.context().status), &json!(status));
    }
    differences
}

fn wanted_calls(expected: &Value) -> Value {
    let calls = at(expected, "tool_calls").as_array().map(Vec::as_slice).unwrap_or_default();
    calls
        .iter()
        .map(|call| {
            let arguments = line::arguments(text(call, "arguments_raw"));
            json!({"id": text(call, "id"), "name": text(call, "name"), "arguments": arguments})
        })
        .collect()
}

fn at<'a>(value: &'a Value, name: &str) -> &'a Value {
    value.get(name).unwrap_or(&Value::Null)
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    at(value, name).as_str().unwrap_or("")
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(160) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
