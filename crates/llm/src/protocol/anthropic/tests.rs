use graphbit_core::Error;
use graphbit_testkit::recorded::Recording;
use http::StatusCode;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::Anthropic;
use crate::protocol::replayed::{self, LIMIT, fold};
use crate::protocol::{ErrorReply, Protocol, decode_streamed, decode_whole};
use crate::{Event, Response};

fn recorded() -> Vec<&'static Recording> {
    [replayed::recorded("anthropic"), replayed::shapes("anthropic")].concat()
}

fn streamed(pieces: &[&[u8]]) -> (Response, Result<(), Error>) {
    replayed::streamed(&Anthropic, pieces.iter().copied())
}

/// A stream of these events, named as the wire names them.
fn stream(events: &[Value]) -> (Response, Result<(), Error>) {
    let frame = |event: &Value| format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap());
    streamed(&[events.iter().map(frame).collect::<String>().as_bytes()])
}

#[test]
fn recorded_replies_decode_to_what_they_say_however_they_are_cut() {
    replayed::successes_agree(&Anthropic, &recorded(), 20, |_, _, want| {
        // Every member as it was said last; what was null throughout says nothing.
        if let Some(members) = want["usage"].as_object_mut() {
            members.retain(|_, value| !value.is_null());
        }
    });
}

#[test]
fn recorded_streams_that_end_at_any_byte_are_truncated_or_complete_but_never_corrupt() {
    replayed::cut_streams_are_truncated(&Anthropic, &recorded());
}

#[test]
fn recorded_errors_get_their_code_and_their_advice() {
    replayed::errors_agree(&Anthropic, &recorded());
}

fn explained(status: u16, headers: &[(&'static str, &'static str)], body: &str) -> Error {
    let headers =
        headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
    let status = StatusCode::from_u16(status).unwrap();
    Anthropic.explain(&ErrorReply { status, headers: &headers, body: body.as_bytes() })
}

#[test]
fn errors_that_share_a_type_are_told_apart_by_their_sentence() {
    let code = |status, kind: &str, message: &str| {
        let body = json!({"type": "error", "error": {"type": kind, "message": message}});
        explained(status, &[], &body.to_string()).code().as_str()
    };
    let invalid = "invalid_request_error";
    let long = "input length and `max_tokens` exceed context limit: 1 + 2 > 2";
    assert_eq!(code(400, invalid, long), "CONTEXT_LENGTH");
    assert_eq!(code(400, invalid, "Output blocked by content filtering policy"), "REFUSED");
    assert_eq!(code(400, invalid, "You have reached your specified API usage limits."), "QUOTA");
    assert_eq!(code(400, invalid, "Your credit balance is too low"), "QUOTA");
    assert_eq!(code(429, "rate_limit_error", "Extra usage is required for long context requests."), "QUOTA");
    assert_eq!(code(402, "billing_error", "no"), "QUOTA");
    assert_eq!(code(403, "permission_error", "no"), "AUTH");
    assert_eq!(code(413, "request_too_large", "no"), "CONTEXT_LENGTH");
    assert_eq!(code(504, "timeout_error", "no"), "UNAVAILABLE");
}

#[test]
fn a_request_larger_than_its_limit_by_itself_is_told_from_one_that_must_wait() {
    let body = r#"{"type":"error","error":{"type":"rate_limit_error","message":"over 50,000 input tokens per minute"}}"#;
    let code = |headers: &[_]| explained(429, headers, body).code().as_str();
    assert_eq!(code(&[("x-should-retry", "false")]), "CONTEXT_LENGTH");
    assert_eq!(code(&[("x-should-retry", "true")]), "RATE_LIMITED");
    assert_eq!(code(&[("x-should-retry", "false"), ("retry-after", "5")]), "RATE_LIMITED");
}

#[test]
fn errors_of_clouds_and_proxies_are_explained_too() {
    let google = r#"[{"error":{"code":429,"message":"Resource exhausted","status":"RESOURCE_EXHAUSTED"}}]"#;
    let error = explained(429, &[], google);
    assert_eq!(error.code().as_str(), "RATE_LIMITED");
    assert!(error.message().contains("Resource exhausted"));
    assert!(explained(502, &[], "<html>Bad gateway</html>").message().contains("Bad gateway"));
    assert!(explained(400, &[], r#"{"error":"no such thing"}"#).message().contains("no such thing"));
    assert_eq!(explained(500, &[], "").code().as_str(), "UNAVAILABLE");
}

#[test]
fn the_request_is_named_by_its_header_or_else_by_the_body() {
    let body = r#"{"type":"error","error":{"type":"api_error","message":"oops"},"request_id":"req_body"}"#;
    assert_eq!(explained(500, &[], body).context().request_id.as_deref(), Some("req_body"));
    let both = explained(500, &[("request-id", "req_header")], body);
    assert_eq!(both.context().request_id.as_deref(), Some("req_header"));
}

mod echo;
mod encode;
mod models;
mod replies;
mod requests;
