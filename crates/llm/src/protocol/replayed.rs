//! For tests: what every protocol must make of its recorded exchanges.

use graphbit_core::Error;
use graphbit_testkit::recorded::{Recording, Recordings, fixtures_dir};
use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value, json};

use super::{Emitter, ErrorReply, Protocol, Target, decode_streamed, decode_whole};
use crate::framing::Frame;
use crate::vendor::vendor;
use crate::{Event, Message, Part, Request, Response, Role};

const LIMIT: usize = 16 << 20;

/// The cases of a provider's folder; none where the recordings are not beside the workspace.
pub(super) fn recorded(provider: &str) -> Vec<Recording> {
    let Some(dir) = fixtures_dir() else { return Vec::new() };
    Recordings::open(dir.join(provider)).unwrap().iter().collect::<Result<_, _>>().unwrap()
}

/// The hand-written cases of a provider.
pub(super) fn shapes(provider: &str) -> Vec<Recording> {
    recorded("shapes-not-recorded").into_iter().filter(|case| case.provider == provider).collect()
}

pub(super) fn fold(events: Vec<Event>) -> Response {
    let mut response = Response::default();
    events.into_iter().for_each(|event| response.add(event));
    response
}

pub(super) fn streamed<'a>(
    protocol: &dyn Protocol,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> (Response, Result<(), Error>) {
    let (events, end) = decode_streamed(protocol, LIMIT, pieces);
    (fold(events), end)
}

pub(super) fn whole(protocol: &dyn Protocol, body: &Value) -> Result<Response, Error> {
    decode_whole(protocol, body.to_string().as_bytes()).map(fold)
}

/// What a reply says, in the form of [`wanted`].
pub(super) fn said(got: &Response) -> Value {
    let usage = got.usage.clone().unwrap_or_default();
    let calls: Vec<Value> = got
        .tool_calls
        .iter()
        .map(|call| json!({"id": call.id, "name": call.name, "arguments": arguments(&call.arguments)}))
        .collect();
    json!({
        "text": got.text, "reasoning": got.reasoning, "refusal": got.refusal, "id": got.id, "model": got.model,
        "raw": got.finish_raw, "finish": got.finish_reason.map(|reason| reason.as_str()), "calls": calls,
        "input": usage.input, "output": usage.output, "cached": usage.cached, "reasoned": usage.reasoning,
        "usage": usage.raw,
    })
}

/// What a case says that it holds.
pub(super) fn wanted(case: &Recording) -> Value {
    let want = &case.expected;
    let text = |key: &str| want[key].as_str().unwrap_or("");
    let calls: Vec<Value> = want["tool_calls"]
        .as_array()
        .unwrap()
        .iter()
        .map(|call| {
            let raw = call["arguments_raw"].as_str().unwrap_or("");
            json!({"id": call["id"], "name": call["name"], "arguments": arguments(raw)})
        })
        .collect();
    let usage = &want["usage"];
    json!({
        "text": text("text"), "reasoning": text("reasoning"), "refusal": text("refusal"), "id": want["id"],
        "model": want["model"], "raw": want["finish_reason"], "finish": want["finish_unified"], "calls": calls,
        "input": usage["input"], "output": usage["output"], "cached": usage["cached"],
        "reasoned": usage["reasoning"], "usage": want["usage_raw"],
    })
}

/// Arguments as a JSON value where they are one.
fn arguments(raw: &str) -> Value {
    match raw {
        "" => json!({}),
        raw => serde_json::from_str(raw).unwrap_or_else(|_| raw.into()),
    }
}

/// Compares every success with what it should say, streams also byte by byte and at random cuts. `adjust` corrects what
/// the case expects wrongly.
pub(super) fn successes_agree(
    protocol: &dyn Protocol,
    provider: &str,
    adjust: impl Fn(&Recording, &mut Value),
) {
    let mut random = fastrand::Rng::with_seed(7);
    for case in recorded(provider).iter().filter(|case| case.expected["error"].is_null()) {
        let mut want = wanted(case);
        adjust(case, &mut want);
        if !case.streaming {
            let got = decode_whole(protocol, &case.response).map(fold).unwrap();
            assert_eq!(said(&got), want, "{}", case.case);
            continue;
        }
        let bytes = &case.response[..];
        let truncated = case.expected["truncated"].as_bool().unwrap_or(false);
        let mut cuttings: Vec<Vec<&[u8]>> = vec![vec![bytes], bytes.chunks(1).collect()];
        for _ in 0..20 {
            let (mut rest, mut pieces) = (bytes, Vec::new());
            while !rest.is_empty() {
                let (piece, after) = rest.split_at(random.usize(1..=rest.len().min(700)));
                pieces.push(piece);
                rest = after;
            }
            cuttings.push(pieces);
        }
        for pieces in cuttings {
            let (got, end) = streamed(protocol, pieces);
            assert_eq!(said(&got), want, "{}", case.case);
            let code = end.err().map(|error| error.code().as_str());
            assert_eq!(code, truncated.then_some("TRUNCATED"), "{}", case.case);
        }
    }
}

/// Cuts every short stream at every byte: what came is given, and the end is known as one.
pub(super) fn cut_streams_are_truncated(protocol: &dyn Protocol, provider: &str) {
    for case in recorded(provider).iter().filter(|case| case.streaming && case.response.len() < 5000) {
        let (all, _) = streamed(protocol, [&case.response[..]]);
        for cut in 0..case.response.len() {
            let (part, end) = streamed(protocol, [&case.response[..cut]]);
            assert!(all.text.starts_with(&part.text), "{} at byte {cut}", case.case);
            match end {
                Ok(()) => assert_eq!(part.finish_reason, all.finish_reason, "{} at byte {cut}", case.case),
                Err(error) => {
                    assert_eq!(error.code().as_str(), "TRUNCATED", "{} at byte {cut}: {error}", case.case);
                }
            }
        }
    }
}

/// Changes bytes of every reply, or cuts it, and reads it every way there is: whatever comes of it, nothing panics.
pub(super) fn damage_is_survived(protocol: &dyn Protocol, provider: &str) {
    let mut random = fastrand::Rng::with_seed(11);
    for case in recorded(provider).iter().filter(|case| case.response.len() < 20_000) {
        for _ in 0..40 {
            let mut bytes = case.response.to_vec();
            for _ in 0..random.usize(1..4) {
                let at = random.usize(..bytes.len());
                bytes[at] = random.choice(*b"\"{}[],:0n\n\\\xff").unwrap();
            }
            bytes.truncate(random.usize(..=bytes.len()));
            let _ = decode_whole(protocol, &bytes);
            let _ = decode_streamed(protocol, LIMIT, [&bytes[..]]);
            let status = StatusCode::from_u16(case.http_status).unwrap();
            protocol.explain(&ErrorReply { status, headers: &HeaderMap::new(), body: &bytes });
            let frame =
                Frame { name: Some("contentBlockDelta".into()), data: bytes.into(), terminated: true };
            let _ = protocol.decoder().frame(&frame, &mut Emitter::default());
        }
    }
}

/// Compares every recorded error with its suggested class and advice.
pub(super) fn errors_agree(protocol: &dyn Protocol, provider: &str) {
    for case in recorded(provider).iter().filter(|case| !case.expected["error"].is_null()) {
        let error = explain(protocol, case);
        let want = &case.expected["error"];
        let code = match want["class_suggested"].as_str().unwrap() {
            "auth" | "permission" => "AUTH",
            "invalid_request" | "not_found" => "REJECTED",
            "rate_limit" => "RATE_LIMITED",
            "context_length" | "payload_too_large" => "CONTEXT_LENGTH",
            "overloaded" | "server" => "UNAVAILABLE",
            other => panic!("{}: no code for {other}", case.case),
        };
        assert_eq!(error.code().as_str(), code, "{}: {error}", case.case);
        assert_eq!(json!(error.is_retryable()), want["retryable_suggested"], "{}", case.case);
        let wait = case.expected["retry_after_ms"].as_u64();
        assert_eq!(error.retry_after().map(|wait| wait.as_millis() as u64), wait, "{}", case.case);
        assert!(error.message().contains(want["message"].as_str().unwrap()), "{}: {error}", case.case);
    }
}

pub(super) fn explain(protocol: &dyn Protocol, case: &Recording) -> Error {
    let pairs = case
        .headers
        .iter()
        .filter_map(|(name, value)| Some((name.parse::<http::HeaderName>().ok()?, value.parse().ok()?)));
    let headers: HeaderMap = pairs.collect();
    let status = StatusCode::from_u16(case.http_status).unwrap();
    protocol.explain(&ErrorReply { status, headers: &headers, body: &case.response })
}

/// An error reply without headers.
pub(super) fn explained(protocol: &dyn Protocol, status: u16, body: &str) -> Error {
    let status = StatusCode::from_u16(status).unwrap();
    protocol.explain(&ErrorReply { status, headers: &HeaderMap::new(), body: body.as_bytes() })
}

/// Where a request goes and what it says.
pub(super) fn encoded(
    protocol: &dyn Protocol,
    base_url: &str,
    model: &str,
    request: &Request,
) -> (String, HeaderMap, Value) {
    let extra = Map::new();
    let quirks = &vendor("openai").unwrap().quirks;
    let target = Target { base_url, model, quirks, extra: &extra };
    let (head, body) = protocol.encode(&target, request).unwrap().into_parts();
    assert_eq!(head.method, http::Method::POST);
    (head.uri.to_string(), head.headers, serde_json::from_slice(&body).unwrap())
}

/// The text of a recorded message or list of system texts: a string, or parts of text alone.
pub(super) fn plain(content: &Value) -> Option<String> {
    match content {
        Value::String(text) => Some(text.clone()),
        Value::Array(parts) => parts.iter().map(|part| part["text"].as_str().map(str::to_owned)).collect(),
        _ => None,
    }
}

/// The conversation of a recorded request, where it is text alone.
pub(super) fn messages(request: &Value) -> Option<Vec<Message>> {
    let read = |message: &Value| {
        let role = match message["role"].as_str()? {
            "system" => Role::System,
            "user" => Role::User,
            "assistant" => Role::Assistant,
            _ => return None,
        };
        Some(Message::new(role, vec![Part::text(plain(&message["content"])?)]))
    };
    request["messages"].as_array()?.iter().map(read).collect()
}
