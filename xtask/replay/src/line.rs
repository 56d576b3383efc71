//! An outcome as one line of JSON, in the words of the recordings.

use graphbit_core::ErrorCode;
use graphbit_llm::{FinishReason, ToolCall};
use serde_json::{Value, json};

use crate::outcome::Outcome;

/// The line.
pub(crate) fn line(name: &str, outcome: &Outcome) -> Value {
    let response = &outcome.response;
    let calls = tool_calls(outcome).map(|call| {
        let arguments = arguments(&call.arguments);
        json!({"id": call.id, "name": call.name, "arguments": arguments})
    });
    let usage = response.usage.as_ref().map(|usage| {
        let (input, output) = (usage.vendor_input(), usage.vendor_output());
        json!({"input": input, "output": output, "cached": usage.cached, "reasoning": usage.reasoning})
    });
    let error = outcome.error.as_ref().map(|error| {
        json!({
            "code": error.code().as_str(),
            "status": error.context().status,
            "retryable": error.is_retryable(),
            "retry_after_ms": error.retry_after().map(|wait| wait.as_millis()),
        })
    });
    json!({
        "case": name,
        "text": response.text,
        "reasoning": reasoning(outcome),
        "tool_calls": calls.collect::<Vec<Value>>(),
        "finish": finish(outcome),
        "usage": usage,
        "error": error,
    })
}

/// Arguments as the value they are, or as they came where they were cut off. None at all are an empty object.
pub(crate) fn arguments(text: &str) -> Value {
    if text.trim().is_empty() {
        return json!({});
    }
    serde_json::from_str(text).unwrap_or_else(|_| json!(text))
}

/// The calls of tools. Those that Anthropic makes itself stand apart in the recordings, those of others do not.
pub(crate) fn tool_calls(outcome: &Outcome) -> impl Iterator<Item = &ToolCall> {
    let told = |(call, ended): &(&ToolCall, &bool)| {
        (**ended || !says_items(outcome)) && (outcome.dialect != "anthropic" || !call.provider_executed)
    };
    outcome.response.tool_calls.iter().zip(&outcome.ended_calls).filter(told).map(|(call, _)| call)
}

/// The thinking.
pub(crate) fn reasoning(outcome: &Outcome) -> &str {
    if says_items(outcome) { &outcome.ended_reasoning } else { &outcome.response.reasoning }
}

/// The recordings read a reply of the Responses API from its items, and one that broke off from those that were done; of what
/// was still arriving they take the text alone.
fn says_items(outcome: &Outcome) -> bool {
    outcome.dialect == "responses" && outcome.error.is_some()
}

/// Why the turn ended, in the words of the recordings. A reason that the decoder inferred, because the wire gave none, is no
/// word of the wire.
pub(crate) fn finish(outcome: &Outcome) -> Option<&'static str> {
    let raw = outcome.response.finish_raw.as_deref().unwrap_or("");
    match (outcome.response.finish_reason, &outcome.error) {
        // Snowflake does give a word, an empty one.
        (Some(FinishReason::Other), _) if raw.is_empty() && outcome.dialect == "chat" => Some("other"),
        (Some(_), _) if raw.is_empty() => None,
        (Some(FinishReason::Other), _) if matches!(raw, "error" | "failed") => Some("error"),
        // Why a prompt was blocked, not why a turn ended.
        (Some(FinishReason::ContentFilter), _) if raw.starts_with("blockReason:") => None,
        (Some(FinishReason::Stop), _) if tool_calls(outcome).next().is_some() => Some("tool_calls"),
        (Some(reason), _) => Some(reason.as_str()),
        // The Responses wire says how a reply stands before it has ended: that it is in progress, or that it failed.
        (None, Some(error)) if says_items(outcome) && outcome.response.id.is_some() => {
            Some(if error.code() == ErrorCode::Truncated { "other" } else { "error" })
        }
        (None, _) => None,
    }
}
