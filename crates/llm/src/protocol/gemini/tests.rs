use graphbit_core::Error;
use graphbit_testkit::recorded::{Recording, Recordings, fixtures_dir};
use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value, json};

use super::Gemini;
use crate::protocol::{ErrorReply, Protocol, Target, decode_streamed, decode_whole};
use crate::vendor::vendor;
use crate::{Message, Request, Response, Settings};

mod replies;
mod requests;

const LIMIT: usize = 1 << 20;

/// The recorded exchanges of both endpoints; none where the recordings are not beside the workspace.
fn recorded() -> Vec<Recording> {
    let Some(dir) = fixtures_dir() else { return Vec::new() };
    let open = |name: &str| Recordings::open(dir.join(name)).unwrap();
    let all = [open("gemini"), open("vertex-gemini")];
    let all: Vec<Recording> = all.iter().flat_map(Recordings::iter).map(Result::unwrap).collect();
    assert!(all.iter().all(|case| case.dialect == "gemini"));
    all
}

fn fold(events: Vec<crate::Event>) -> Response {
    let mut response = Response::default();
    events.into_iter().for_each(|event| response.add(event));
    response
}

fn whole(body: &[u8]) -> Result<Response, Error> {
    decode_whole(&Gemini, body).map(fold)
}

fn streamed<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> (Response, Result<(), Error>) {
    let (events, end) = decode_streamed(&Gemini, LIMIT, pieces);
    (fold(events), end)
}

/// Arguments as JSON where they are; none are `{}`.
fn arguments(raw: &str) -> Value {
    let raw = if raw.is_empty() { "{}" } else { raw };
    serde_json::from_str(raw).unwrap_or_else(|_| raw.into())
}

fn compare(case: &Recording, got: &Response) {
    let (name, want) = (&case.case, &case.expected);
    let text = |key: &str| want[key].as_str().unwrap_or("").to_owned();
    assert_eq!(got.text, text("text"), "{name}: text");
    assert_eq!(got.reasoning, text("reasoning"), "{name}: reasoning");
    assert_eq!(got.refusal, text("refusal"), "{name}: refusal");
    assert_eq!(got.id.as_deref(), want["id"].as_str(), "{name}: id");
    assert_eq!(got.model.as_deref(), want["model"].as_str(), "{name}: model");
    let number = |key: &str| want["usage"][key].as_u64();
    let usage = got.usage.clone().unwrap_or_default();
    assert_eq!(
        [usage.input, usage.output, usage.cached, usage.reasoning],
        ["input", "output", "cached", "reasoning"].map(number),
        "{name}: usage"
    );
    let calls: Vec<Value> = got
        .tool_calls
        .iter()
        .map(|call| json!({"id": call.id, "name": call.name, "arguments": arguments(&call.arguments)}))
        .collect();
    let finish = got.finish_reason.map(|reason| reason.as_str());
    if want["partial_args"] == json!(true) {
        // What was expected passes over calls that come value by value; they are calls all the same.
        let call = |place: &str| json!({"id": null, "name": "getWeather", "arguments": {"location": place}});
        assert_eq!(calls, [call("Boston"), call("San Francisco")], "{name}: tool calls");
        assert_eq!(finish, Some("tool_calls"), "{name}: finish");
        return;
    }
    let wanted: Vec<Value> = want["tool_calls"]
        .as_array()
        .unwrap()
        .iter()
        .map(|call| {
            let arguments = arguments(call["arguments_raw"].as_str().unwrap_or(""));
            json!({"id": call["id"], "name": call["name"], "arguments": arguments})
        })
        .collect();
    assert_eq!(calls, wanted, "{name}: tool calls");
    match want["prompt_block_reason"].as_str() {
        // Expected as a member of its own: a prompt that was not let through has no candidate that could end.
        Some(reason) => {
            assert_eq!((finish, got.finish_raw.as_deref()), (Some("content_filter"), Some(reason)), "{name}");
        }
        None => {
            assert_eq!(finish, want["finish_unified"].as_str(), "{name}: finish");
            assert_eq!(got.finish_raw.as_deref(), want["finish_reason"].as_str(), "{name}: finish");
        }
    }
}

/// The error that a recording holds.
fn compare_error(case: &Recording, error: &Error) {
    let want = &case.expected["error"];
    let class = want["class_suggested"].as_str().unwrap();
    let code = match class {
        "auth" | "permission" => "AUTH",
        "invalid_request" | "not_found" => "REJECTED",
        "cancelled" => "REJECTED", // by the server, not by us: 499 like other statuses of its kind
        "rate_limit" => "RATE_LIMITED",
        "context_length" => "CONTEXT_LENGTH",
        "overloaded" | "server" => "UNAVAILABLE",
        other => panic!("{}: no code for {other}", case.case),
    };
    assert_eq!(error.code().as_str(), code, "{}: {error}", case.case);
    assert_eq!(json!(error.is_retryable()), want["retryable_suggested"], "{}", case.case);
    let wait = case.expected["retry_after_ms"].as_u64().or(want["retry_after_ms_from_body"].as_u64());
    assert_eq!(error.retry_after().map(|wait| wait.as_millis() as u64), wait, "{}", case.case);
    assert_eq!(error.context().status.map(u64::from), want["code"].as_u64(), "{}", case.case);
    assert!(error.message().contains(want["message"].as_str().unwrap().trim()), "{}: {error}", case.case);
}

/// Cuts a body into pieces of these lengths, over and over.
fn cut(mut body: &[u8], mut next: impl FnMut() -> usize) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    while !body.is_empty() {
        let (piece, rest) = body.split_at(next().min(body.len()));
        pieces.push(piece);
        body = rest;
    }
    pieces
}

#[test]
fn recorded_replies_decode_to_what_they_say() {
    for case in recorded().iter().filter(|case| !case.streaming && case.expected.get("error").is_none()) {
        compare(case, &whole(&case.response).unwrap());
    }
}

#[test]
fn recorded_streams_decode_to_what_they_say_however_they_are_cut() {
    let mut random = fastrand::Rng::with_seed(7);
    for case in recorded().iter().filter(|case| case.streaming) {
        let body = &case.response[..];
        let mut cuts = vec![vec![body], cut(body, || 1)];
        cuts.extend((0..8).map(|_| cut(body, || random.usize(1..200))));
        cuts.extend((0..4).map(|_| cut(body, || random.usize(1..6000))));
        for pieces in cuts {
            let (response, end) = streamed(pieces);
            compare(case, &response);
            match end {
                Err(error) if case.expected.get("error").is_some() => compare_error(case, &error),
                end => {
                    let code = end.err().map(|error| error.code().as_str());
                    assert_eq!(code, case.has("stream_truncated").then_some("TRUNCATED"), "{}", case.case);
                }
            }
        }
    }
}

#[test]
fn recorded_streams_in_one_array_are_read_whole_too() {
    let mut arrays = 0;
    for case in recorded().iter().filter(|case| case.streaming && case.response.starts_with(b"[")) {
        arrays += 1;
        compare(case, &whole(&case.response).unwrap());
        for end in (1..case.response.len()).step_by(7) {
            match whole(&case.response[..end]) {
                Ok(reply) => assert!(reply.finish_reason.is_some(), "{} at byte {end}", case.case),
                Err(error) => assert_eq!(error.code().as_str(), "TRUNCATED", "{} at byte {end}", case.case),
            }
        }
    }
    assert!(arrays > 3 || fixtures_dir().is_none());
}

#[test]
fn recorded_streams_that_end_at_any_byte_are_truncated_or_complete_but_never_corrupt() {
    for case in recorded().iter().filter(|case| case.streaming && case.response.len() < 6000) {
        let (all, _) = streamed([&case.response[..]]);
        for end in 0..case.response.len() {
            let (part, result) = streamed([&case.response[..end]]);
            assert!(all.text.starts_with(&part.text), "{} at byte {end}", case.case);
            match result {
                Ok(()) => assert!(part.finish_reason.is_some(), "{} at byte {end}", case.case),
                Err(error) if case.expected.get("error").is_some() && part == all => {
                    compare_error(case, &error);
                }
                Err(error) => {
                    assert_eq!(error.code().as_str(), "TRUNCATED", "{} at byte {end}: {error}", case.case);
                }
            }
        }
    }
}

#[test]
fn recorded_errors_get_their_code_and_their_advice() {
    for case in recorded().iter().filter(|case| case.expected.get("error").is_some() && !case.streaming) {
        let mut headers = HeaderMap::new();
        for (name, value) in &case.headers {
            if let (Ok(name), Ok(value)) = (name.parse::<http::HeaderName>(), value.parse()) {
                headers.insert(name, value);
            }
        }
        let status = StatusCode::from_u16(case.http_status).unwrap();
        let list = [b"[", &case.response[..], b"\n]"].concat();
        for body in [&case.response[..], &list] {
            compare_error(case, &Gemini.explain(&ErrorReply { status, headers: &headers, body }));
        }
    }
}

fn encoded(
    base_url: &str,
    model: &str,
    extra: &Map<String, Value>,
    request: &Request,
) -> http::Request<Value> {
    let quirks = &vendor("openai").unwrap().quirks;
    let target = Target { base_url, model, quirks, extra };
    let encoded = Gemini.encode(&target, request).unwrap();
    encoded.map(|body| serde_json::from_slice(&body).unwrap())
}
