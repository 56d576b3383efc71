use graphbit_core::Error;
use graphbit_testkit::recorded::Recording;
use http::StatusCode;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{Anthropic, DEFAULT_MAX_TOKENS};
use crate::protocol::replayed::{self, LIMIT, fold};
use crate::protocol::{ErrorReply, Protocol, Target, decode_streamed, decode_whole};
use crate::vendor::vendor;
use crate::{Event, Message, Request, Response, Settings};

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

fn encoded(base_url: &str, model: &str, request: &Request) -> http::Request<bytes::Bytes> {
    let (quirks, extra) = (&vendor("openai").unwrap().quirks, Map::new());
    Anthropic.encode(&Target { base_url, model, quirks, extra: &extra }, request).unwrap()
}

fn body(request: &Request) -> Value {
    serde_json::from_slice(encoded("https://api.anthropic.com", "claude-haiku-4-5", request).body()).unwrap()
}

#[test]
fn requests_are_written_as_recorded_clients_write_them() {
    let settings = |max_tokens: u32| Settings { max_tokens: Some(max_tokens), ..Settings::default() };
    let joke = Request::prompt("Tell me a joke about OpenTelemetry").settings(settings(1024)).streamed();
    let hi = Request::prompt("Hi there!").settings(Settings { temperature: Some(0.0), ..settings(10) });
    let stopped = Request::prompt(
        "Generate a JSON object representing a person with a name, email, and phone number .",
    );
    let stopped = stopped.settings(Settings { stop: vec!["}".into()], ..settings(1024) });
    let mut thinking = Request::prompt("Say hello in one short, imaginative sentence.")
        .system("You are a helpful, creative assistant.")
        .settings(Settings { temperature: Some(1.0), ..settings(2000) })
        .streamed();
    thinking.extra.insert("thinking".into(), json!({"type": "enabled", "budget_tokens": 1024}));
    let direct = "https://api.anthropic.com";
    let azure = "https://RESOURCE.services.ai.azure.com/anthropic";
    for (case, base_url, model, request) in [
        ("stream-emoji-ollmetry-6f32cc", direct, "claude-3-5-haiku-20241022", &joke),
        ("stop-sequence-activeagen-ee2272", direct, "claude-sonnet-5", &stopped),
        ("length-reqllm-d5cc94", azure, "claude-opus-4-5", &hi),
        ("stream-reasoning-reqllm-718b14", azure, "claude-opus-4-5", &thinking),
    ] {
        let Some(recording) = recorded().into_iter().find(|one| one.case == case) else { return };
        let encoded = encoded(base_url, model, request);
        let url = recording.meta["url"].as_str().unwrap();
        assert_eq!(encoded.uri().to_string().to_lowercase(), url.to_lowercase(), "{case}");
        for name in ["anthropic-version", "content-type"] {
            let wanted = recording.meta["request_headers"][name].as_str().unwrap();
            assert_eq!(encoded.headers()[name], wanted, "{case}: {name}");
        }
        let mut wanted = recording.request.clone().unwrap();
        if wanted["stream"] == json!(false) {
            wanted.as_object_mut().unwrap().remove("stream"); // what is not said is not streamed
        }
        assert_eq!(serde_json::from_slice::<Value>(encoded.body()).unwrap(), wanted, "{case}");
    }
}

#[test]
fn a_plain_request_says_no_more_than_it_must_and_the_limit_that_the_wire_demands() {
    let plain = encoded("https://api.anthropic.com", "claude-haiku-4-5", &Request::prompt("hi"));
    assert_eq!(plain.method(), http::Method::POST);
    assert_eq!(plain.uri(), "https://api.anthropic.com/v1/messages");
    assert_eq!(plain.headers()["anthropic-version"], "2023-06-01");
    assert_eq!(plain.headers()["accept"], "application/json");
    assert_eq!(
        serde_json::from_slice::<Value>(plain.body()).unwrap(),
        json!({
            "model": "claude-haiku-4-5", "max_tokens": DEFAULT_MAX_TOKENS,
            "messages": [{"role": "user", "content": "hi"}],
        })
    );
    assert_eq!(
        encoded("http://h", "m", &Request::prompt("hi").streamed()).headers()["accept"],
        "text/event-stream"
    );
}

#[test]
fn a_base_url_may_name_the_version_or_a_query() {
    let url = |base_url: &str| encoded(base_url, "m", &Request::prompt("hi")).uri().to_string();
    assert_eq!(url("http://gateway/v1"), "http://gateway/v1/messages");
    assert_eq!(url("https://openrouter.ai/api"), "https://openrouter.ai/api/v1/messages");
    assert_eq!(url("http://gateway/a/v1/?key=1"), "http://gateway/a/v1/messages?key=1");
    assert_eq!(url("http://gateway/a?key=/v1"), "http://gateway/a/v1/messages?key=/v1");
}

#[test]
fn instructions_are_said_apart_wherever_they_stood() {
    let turns =
        vec![Message::user("a"), Message::system("late"), Message::assistant("b"), Message::user("c")];
    let one = body(&Request::new(turns.clone()));
    assert_eq!(one["system"], json!("late"));
    let roles: Vec<&Value> = one["messages"].as_array().unwrap().iter().map(|turn| &turn["role"]).collect();
    assert_eq!(roles, ["user", "assistant", "user"]);
    let two = body(&Request::new(turns.clone()).system("").system("early"));
    assert_eq!(two["system"], json!([{"type": "text", "text": "early"}, {"type": "text", "text": "late"}]));
    assert!(body(&Request::prompt("hi").system("")).get("system").is_none(), "the wire refuses empty texts");
}

#[test]
fn settings_and_extras_are_said_and_extras_win() {
    let settings =
        Settings { top_p: Some(0.9), seed: Some(7), stop: vec!["END".into()], ..Settings::default() };
    let mut request = Request::prompt("hi").settings(settings);
    request.extra = json!({"max_tokens": 9, "metadata": {"user_id": "u"}}).as_object().unwrap().clone();
    let body = body(&request);
    assert_eq!(body["top_p"], json!(0.9));
    assert_eq!(body["stop_sequences"], json!(["END"]));
    assert_eq!(body["max_tokens"], json!(9));
    assert_eq!(body["metadata"], json!({"user_id": "u"}));
    assert!(body.get("seed").is_none() && body.get("stop").is_none());
}

#[test]
fn a_request_without_anything_to_answer_is_refused_here() {
    let (quirks, extra) = (&vendor("openai").unwrap().quirks, Map::new());
    let target = Target { base_url: "http://h", model: "m", quirks, extra: &extra };
    for request in [Request::default(), Request::default().system("be brief")] {
        let error = Anthropic.encode(&target, &request).unwrap_err();
        assert_eq!(error.code().as_str(), "INVALID_INPUT");
    }
}

mod replies;
