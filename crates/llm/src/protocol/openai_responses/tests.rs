use graphbit_core::Error;
use graphbit_testkit::recorded::{Recording, Recordings, fixtures_dir};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::OpenAiResponses;
use crate::Response;
use crate::protocol::{ErrorReply, Protocol, decode_streamed, decode_whole};

mod encode;
mod shapes;

const LIMIT: usize = 1 << 20;

/// The recorded exchanges of every server that speaks this wire; none where the recordings are not beside the workspace.
fn recorded() -> Vec<Recording> {
    let Some(dir) = fixtures_dir() else { return Vec::new() };
    let mut folders: Vec<_> = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.retain(|folder| {
        let name = folder.file_name().unwrap().to_string_lossy();
        folder.is_dir() && (name.ends_with("-responses") || name == "chatgpt-codex")
    });
    folders.sort();
    let cases = folders.iter().flat_map(|dir| {
        let cases: Vec<Recording> = Recordings::open(dir).unwrap().iter().collect::<Result<_, _>>().unwrap();
        cases
    });
    cases.inspect(|case| assert_eq!(case.dialect, "responses", "{}", case.case)).collect()
}

fn fold(events: Vec<crate::Event>) -> Response {
    let mut response = Response::default();
    events.into_iter().for_each(|event| response.add(event));
    response
}

fn streamed(pieces: &[&[u8]]) -> (Response, Result<(), Error>) {
    let (events, end) = decode_streamed(&OpenAiResponses, LIMIT, pieces.iter().copied());
    (fold(events), end)
}

/// A call's id, name and arguments, these as JSON where they are.
fn call(id: &Value, name: &Value, arguments: &str) -> Value {
    let arguments = if arguments.is_empty() { "{}" } else { arguments };
    let arguments = serde_json::from_str(arguments).unwrap_or_else(|_| json!(arguments));
    json!({"id": id, "name": name, "arguments": arguments})
}

fn calls(response: &Response) -> Vec<Value> {
    response
        .tool_calls
        .iter()
        .map(|found| call(&json!(found.id), &json!(found.name), &found.arguments))
        .collect()
}

fn compare(case: &Recording, got: &Response) {
    let (name, want) = (format!("{}/{}", case.provider, case.case), &case.expected);
    let text = |key: &str| want[key].as_str().unwrap_or("").to_owned();
    assert_eq!(got.text, text("text"), "{name}: text");
    assert_eq!(got.reasoning, text("reasoning"), "{name}: reasoning");
    assert_eq!(got.refusal, text("refusal"), "{name}: refusal");
    // Copilot names a reply anew in every event; ours is the first name, the reference reader's the last.
    if case.provider != "github-copilot-responses" {
        assert_eq!(got.id.as_deref(), want["id"].as_str(), "{name}: id");
    }
    assert_eq!(got.model.as_deref(), want["model"].as_str(), "{name}: model");
    let finish = got.finish_reason.map(|reason| reason.as_str());
    assert_eq!(finish, want["finish_unified"].as_str(), "{name}: finish");
    let number = |key: &str| want["usage"][key].as_u64();
    let usage = got.usage.clone().unwrap_or_default();
    assert_eq!(
        [usage.input, usage.output, usage.cached, usage.reasoning],
        ["input", "output", "cached", "reasoning"].map(number),
        "{name}: usage"
    );
    let wanted: Vec<Value> = want["tool_calls"]
        .as_array()
        .unwrap()
        .iter()
        .map(|found| {
            let raw = found["arguments_raw"].as_str().unwrap_or("");
            call(&found["id"], &found["name"], raw)
        })
        .collect();
    assert_eq!(calls(got), wanted, "{name}: tool calls");
}

fn is_truncated(case: &Recording) -> bool {
    case.expected["truncated"] == json!(true)
}

#[test]
fn recorded_replies_decode_to_what_they_say() {
    for case in recorded().iter().filter(|case| !case.streaming && case.expected.get("error").is_none()) {
        let events = decode_whole(&OpenAiResponses, &case.response)
            .unwrap_or_else(|error| panic!("{}: {error}", case.case));
        compare(case, &fold(events));
    }
}

#[test]
fn recorded_streams_decode_to_what_they_say_however_they_are_cut() {
    let mut random = fastrand::Rng::with_seed(7);
    let whole =
        |case: &&Recording| case.streaming && case.expected.get("error").is_none() && !is_truncated(case);
    for case in recorded().iter().filter(whole) {
        let mut cuts = vec![vec![&case.response[..]], case.response.chunks(1).collect()];
        for _ in 0..4 {
            let (mut rest, mut pieces) = (&case.response[..], Vec::new());
            while !rest.is_empty() {
                let (piece, after) = rest.split_at(random.usize(1..=rest.len().min(700)));
                pieces.push(piece);
                rest = after;
            }
            cuts.push(pieces);
        }
        for pieces in cuts {
            let (response, end) = streamed(&pieces);
            assert!(end.is_ok(), "{}/{}: {end:?}", case.provider, case.case);
            compare(case, &response);
        }
    }
}

/// What the reference reader leaves out of a truncated stream, thinking and calls without their end, is ours to give.
#[test]
fn recorded_truncated_streams_give_what_came() {
    let cases = recorded();
    for case in cases.iter().filter(|case| is_truncated(case)) {
        let (_, hash) = case.case.rsplit_once('-').unwrap();
        let whole = cases.iter().find(|other| other.case.ends_with(hash) && !is_truncated(other));
        for pieces in [vec![&case.response[..]], case.response.chunks(1).collect()] {
            let (response, end) = streamed(&pieces);
            assert_eq!(end.unwrap_err().code().as_str(), "TRUNCATED", "{}", case.case);
            assert_eq!(response.text, case.expected["text"].as_str().unwrap(), "{}", case.case);
            assert_eq!(response.model.as_deref(), case.expected["model"].as_str(), "{}", case.case);
            assert_eq!(response.finish_reason, None);
            if let Some(whole) = whole {
                is_beginning(&response, &streamed(&[&whole.response]).0, &case.case);
            }
        }
    }
}

fn is_beginning(part: &Response, whole: &Response, name: &str) {
    assert!(whole.text.starts_with(&part.text), "{name}");
    assert!(whole.reasoning.starts_with(&part.reasoning), "{name}");
    assert!(part.tool_calls.len() <= whole.tool_calls.len(), "{name}");
    for (part, whole) in part.tool_calls.iter().zip(&whole.tool_calls) {
        assert_eq!((&part.id, &part.name), (&whole.id, &whole.name), "{name}");
        assert!(whole.arguments.starts_with(&part.arguments), "{name}");
    }
}

#[test]
fn recorded_streams_that_end_at_any_byte_are_truncated_or_complete_but_never_corrupt() {
    let short = |case: &&Recording| {
        case.streaming && case.response.len() < 6_000 && case.expected.get("error").is_none()
    };
    for case in recorded().iter().filter(short) {
        let (whole, _) = streamed(&[&case.response]);
        for cut in 0..case.response.len() {
            let (part, end) = streamed(&[&case.response[..cut]]);
            is_beginning(&part, &whole, &format!("{} at byte {cut}", case.case));
            match end {
                Ok(()) => assert_eq!(part.finish_reason, whole.finish_reason, "{} at byte {cut}", case.case),
                Err(error) => {
                    assert_eq!(error.code().as_str(), "TRUNCATED", "{} at byte {cut}: {error}", case.case);
                }
            }
        }
    }
}

#[test]
fn recorded_errors_get_their_code_and_their_advice() {
    for case in recorded().iter().filter(|case| case.expected.get("error").is_some()) {
        let mut headers = HeaderMap::new();
        for (name, value) in &case.headers {
            if let (Ok(name), Ok(value)) = (name.parse::<http::HeaderName>(), value.parse()) {
                headers.insert(name, value);
            }
        }
        let status = StatusCode::from_u16(case.http_status).unwrap();
        let error = match (status.is_success(), case.streaming) {
            (false, _) => {
                OpenAiResponses.explain(&ErrorReply { status, headers: &headers, body: &case.response })
            }
            (true, true) => streamed(&[&case.response]).1.unwrap_err(),
            (true, false) => decode_whole(&OpenAiResponses, &case.response).unwrap_err(),
        };
        let want = &case.expected["error"];
        let code = match want["class_suggested"].as_str().unwrap() {
            "auth" | "permission" => "AUTH",
            "invalid_request" | "not_found" => "REJECTED",
            "rate_limit" if want["retryable_suggested"] == json!(false) => "CONTEXT_LENGTH",
            "rate_limit" => "RATE_LIMITED",
            "quota" => "QUOTA",
            "overloaded" | "server" => "UNAVAILABLE",
            "context_length" | "payload_too_large" => "CONTEXT_LENGTH",
            "content_filter" => "REFUSED",
            other => panic!("{}: no code for {other}", case.case),
        };
        assert_eq!(error.code().as_str(), code, "{}: {error}", case.case);
        assert_eq!(json!(error.is_retryable()), want["retryable_suggested"], "{}", case.case);
        let wait = case.expected["retry_after_ms"].as_u64();
        assert_eq!(error.retry_after().map(|wait| wait.as_millis() as u64), wait, "{}", case.case);
        let said = want["message"].as_str().unwrap();
        assert!(error.message().contains(said), "{}: {error}", case.case);
    }
}
