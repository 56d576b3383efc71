use graphbit_core::Error;
use graphbit_testkit::recorded::{Recording, Recordings, fixtures_dir};
use http::{HeaderMap, StatusCode};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{Anthropic, DEFAULT_MAX_TOKENS};
use crate::protocol::{ErrorReply, Protocol, Target, decode_streamed, decode_whole};
use crate::vendor::vendor;
use crate::{Event, Message, Request, Response, Settings};

const LIMIT: usize = 1 << 20;

/// Where this wire was recorded.
const FOLDERS: [&str; 4] = ["anthropic", "azure-anthropic", "vertex-anthropic", "shapes-not-recorded"];

/// The recorded exchanges of this wire; none where the recordings are not beside the workspace.
fn recorded() -> Vec<Recording> {
    let Some(dir) = fixtures_dir() else { return Vec::new() };
    let read = |folder| Recordings::open(dir.join(folder)).unwrap();
    let all = FOLDERS.into_iter().flat_map(|folder| read(folder).iter().collect::<Vec<_>>());
    all.map(Result::unwrap).filter(|case| case.dialect == "anthropic").collect()
}

fn one(case: &str) -> Option<Recording> {
    recorded().into_iter().find(|recording| recording.case == case)
}

fn fold(events: Vec<Event>) -> Response {
    let mut response = Response::default();
    events.into_iter().for_each(|event| response.add(event));
    response
}

fn streamed(pieces: &[&[u8]]) -> (Response, Result<(), Error>) {
    let (events, end) = decode_streamed(&Anthropic, LIMIT, pieces.iter().copied());
    (fold(events), end)
}

/// A stream of these events, named as the wire names them.
fn stream(events: &[Value]) -> (Response, Result<(), Error>) {
    let frame = |event: &Value| format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap());
    streamed(&[events.iter().map(frame).collect::<String>().as_bytes()])
}

fn compare(case: &Recording, got: &Response) {
    let (name, want) = (&case.case, &case.expected);
    let text = |key: &str| want[key].as_str().unwrap_or("").to_owned();
    assert_eq!(got.text, text("text"), "{name}: text");
    assert_eq!(got.reasoning, text("reasoning"), "{name}: reasoning");
    assert_eq!(got.refusal, text("refusal"), "{name}: refusal");
    assert_eq!(got.id.as_deref(), want["id"].as_str(), "{name}: id");
    assert_eq!(got.model.as_deref(), want["model"].as_str(), "{name}: model");
    let finish = got.finish_reason.map(|reason| reason.as_str());
    assert_eq!(finish, want["finish_unified"].as_str(), "{name}: finish");
    assert_eq!(got.finish_raw.as_deref(), want["finish_reason"].as_str(), "{name}: the vendor's finish");
    let number = |key: &str| want["usage"][key].as_u64();
    let usage = got.usage.clone().unwrap_or_default();
    assert_eq!(
        [usage.input, usage.output, usage.cached, usage.reasoning],
        ["input", "output", "cached", "reasoning"].map(number),
        "{name}: usage"
    );
    // Every member as it was said last; what was null throughout says nothing.
    let mut raw = want["usage_raw"].clone();
    if let Some(members) = raw.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    assert_eq!(usage.raw, raw, "{name}: the vendor's usage");
    let meant = |raw: &str| match raw {
        "" => json!({}),
        raw => serde_json::from_str(raw).unwrap_or_else(|_| json!(raw)),
    };
    let calls = got.tool_calls.iter();
    let calls: Vec<_> =
        calls.map(|call| (json!(call.id), json!(call.name), meant(&call.arguments))).collect();
    let wanted = want["tool_calls"].as_array().into_iter().flatten();
    let wanted: Vec<_> = wanted
        .map(|call| {
            let arguments = meant(call["arguments_raw"].as_str().unwrap_or(""));
            (call["id"].clone(), call["name"].clone(), arguments)
        })
        .collect();
    assert_eq!(calls, wanted, "{name}: tool calls");
}

/// The code of a failure that a recording suggests.
fn suggested(case: &Recording) -> &'static str {
    let want = &case.expected["error"];
    match want["class_suggested"].as_str().unwrap() {
        "auth" | "permission" => "AUTH",
        "invalid_request" | "not_found" => "REJECTED",
        "rate_limit" if want["retryable_suggested"] == json!(false) => "CONTEXT_LENGTH",
        // "Overloaded" is about all callers, but asks the same of each as a limit: come back later, with less at once.
        "rate_limit" | "overloaded" => "RATE_LIMITED",
        "quota" => "QUOTA",
        "server" => "UNAVAILABLE",
        "context_length" | "payload_too_large" => "CONTEXT_LENGTH",
        "content_filter" => "REFUSED",
        other => panic!("{}: no code for {other}", case.case),
    }
}

fn compare_error(case: &Recording, error: &Error) {
    assert_eq!(error.code().as_str(), suggested(case), "{}: {error}", case.case);
    let want = &case.expected["error"];
    assert_eq!(json!(error.is_retryable()), want["retryable_suggested"], "{}", case.case);
    assert!(error.message().contains(want["message"].as_str().unwrap()), "{}: {error}", case.case);
    let wait = case.expected["retry_after_ms"].as_u64();
    assert_eq!(error.retry_after().map(|wait| wait.as_millis() as u64), wait, "{}", case.case);
}

fn is_error(case: &Recording) -> bool {
    case.http_status >= 400
}

/// How a streamed case must end.
fn compare_end(case: &Recording, end: Result<(), Error>) {
    let truncated = case.expected["truncated"].as_bool().unwrap_or(false);
    match end {
        Ok(()) => assert!(!truncated && case.expected["error"].is_null(), "{}", case.case),
        Err(error) if truncated => assert_eq!(error.code().as_str(), "TRUNCATED", "{}", case.case),
        Err(error) => compare_error(case, &error),
    }
}

#[test]
fn recorded_replies_decode_to_what_they_say() {
    for case in recorded().iter().filter(|case| !case.streaming && !is_error(case)) {
        compare(case, &fold(decode_whole(&Anthropic, &case.response).unwrap()));
    }
}

#[test]
fn recorded_streams_decode_to_what_they_say_whole_byte_by_byte_and_as_they_came() {
    for case in recorded().iter().filter(|case| case.streaming && !is_error(case)) {
        let mut rest = &case.response[..];
        let mut came: Vec<&[u8]> = Vec::new();
        for length in &case.chunk_lengths {
            let (piece, after) = rest.split_at((*length).min(rest.len()));
            (rest, came) = (after, [came, vec![piece]].concat());
        }
        came.push(rest);
        for pieces in [vec![&case.response[..]], case.response.chunks(1).collect(), came] {
            let (response, end) = streamed(&pieces);
            compare(case, &response);
            compare_end(case, end);
        }
    }
}

#[test]
fn recorded_streams_decode_to_what_they_say_at_random_cuts() {
    let cases = recorded();
    for case in cases.iter().filter(|case| case.streaming && !is_error(case)) {
        let length = case.response.len();
        let mut runner = proptest::test_runner::TestRunner::deterministic();
        for _ in 0..20 {
            let cuts = prop::collection::vec(0..=length, 0..12).new_tree(&mut runner).unwrap();
            let mut cuts = proptest::strategy::ValueTree::current(&cuts);
            cuts.extend([0, length]);
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|pair| &case.response[pair[0]..pair[1]]).collect();
            let (response, end) = streamed(&pieces);
            compare(case, &response);
            compare_end(case, end);
        }
    }
}

#[test]
fn recorded_streams_that_end_at_any_byte_are_truncated_or_complete_but_never_corrupt() {
    for case in recorded().iter().filter(|case| case.streaming && case.response.len() < 5000) {
        let (whole, _) = streamed(&[&case.response]);
        for cut in 0..case.response.len() {
            let (part, end) = streamed(&[&case.response[..cut]]);
            assert!(whole.text.starts_with(&part.text), "{} at byte {cut}", case.case);
            match end {
                Ok(()) => assert_eq!(part.finish_reason, whole.finish_reason, "{} at byte {cut}", case.case),
                Err(error) => {
                    let code = error.code().as_str();
                    let own = case.expected["error"].is_object() && code == suggested(case);
                    assert!(own || code == "TRUNCATED", "{} at byte {cut}: {error}", case.case);
                }
            }
        }
    }
}

#[test]
fn recorded_errors_get_their_code_and_their_advice() {
    for case in recorded().iter().filter(|case| is_error(case)) {
        let mut headers = HeaderMap::new();
        for (name, value) in &case.headers {
            if let (Ok(name), Ok(value)) = (name.parse::<http::HeaderName>(), value.parse()) {
                headers.insert(name, value);
            }
        }
        let status = StatusCode::from_u16(case.http_status).unwrap();
        let error = Anthropic.explain(&ErrorReply { status, headers: &headers, body: &case.response });
        compare_error(case, &error);
    }
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
        let Some(recording) = one(case) else { return };
        let encoded = encoded(base_url, model, request);
        let url = recording.meta["url"].as_str().unwrap();
        assert_eq!(encoded.uri().to_string().to_lowercase(), url.to_lowercase(), "{case}");
        for name in ["anthropic-version", "content-type"] {
            let wanted = recording.meta["request_headers"][name].as_str().unwrap();
            assert_eq!(encoded.headers()[name], wanted, "{case}: {name}");
        }
        let mut wanted = recording.request.unwrap();
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
