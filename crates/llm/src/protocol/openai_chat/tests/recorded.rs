//! Every recorded exchange of chat completions, of some thirty vendors, through the one protocol.

use bytes::Bytes;
use graphbit_testkit::recorded::{Recording, Recordings, fixtures_dir};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::{LIMIT, OpenAiChat, encoded, fold, streamed};
use crate::framing::{Frame, Framing, Sse};
use crate::protocol::{ErrorReply, Protocol, decode_reply};
use crate::vendor::vendor;
use crate::{Message, Request, Response, Settings};

/// Where we read otherwise than the recordings' own reader, and why.
const OTHERWISE: &[(&str, &str)] = &[
    ("derived-abridged-stream-error-rubyllm", "an `error:` field is the vendor's error, not nothing"),
    ("stream-error-in-200-reqllm-306d71", "an error ends the stream: the usage behind it is not waited for"),
    ("deepseek-402-insufficient-balance", "402 is QUOTA"),
    ("tool-no-args-pydai-4610f2", "an empty `function_call` is no call"),
    ("tool-no-args-pydai-870d71", "an empty `function_call` is no call"),
    ("tool-no-args-pydai-f666f6", "an empty `function_call` is no call"),
    ("tool-parallel-pydai-0a07b0", "an empty `function_call` is no call"),
];

/// The recorded exchanges; none where the recordings are not beside the workspace.
fn recorded() -> Vec<Recording> {
    let Some(dir) = fixtures_dir() else { return Vec::new() };
    let all = Recordings::open(dir).unwrap();
    let chat = all.iter().map(Result::unwrap).filter(|case| case.dialect == "chat");
    chat.filter(|case| OTHERWISE.iter().all(|(name, _)| *name != case.case)).collect()
}

fn label(case: &Recording) -> String {
    format!("{}/{}", case.provider, case.case)
}

fn compare(case: &Recording, got: &Response) {
    let (name, want) = (label(case), &case.expected);
    let text = |key: &str| want[key].as_str().unwrap_or("").to_owned();
    assert_eq!(got.text, text("text"), "{name}: text");
    assert_eq!(got.reasoning, text("reasoning"), "{name}: reasoning");
    assert_eq!(got.refusal, text("refusal"), "{name}: refusal");
    // A reason that the wire did not give has no word of the wire.
    let inferred = got.finish_raw.as_deref() == Some("") && got.finish_reason.unwrap().as_str() != "other";
    let finish = got.finish_reason.filter(|_| !inferred).map(|reason| reason.as_str());
    assert_eq!(finish, want["finish_unified"].as_str(), "{name}: finish");
    let number = |key: &str| want["usage"][key].as_u64();
    let usage = got.usage.clone().unwrap_or_default();
    assert_eq!(
        [usage.input, usage.output, usage.cached, usage.reasoning],
        ["input", "output", "cached", "reasoning"].map(number),
        "{name}: usage"
    );
    let value = |raw: &str| match raw {
        "" => json!({}),
        raw => serde_json::from_str(raw).unwrap_or_else(|_| json!(raw)),
    };
    let calls = got.tool_calls.iter().map(|call| json!([call.id, call.name, value(&call.arguments)]));
    let wanted = want["tool_calls"].as_array().unwrap().iter();
    let wanted = wanted.map(|call| {
        json!([
            call["id"].as_str().filter(|id| !id.is_empty()),
            call["name"],
            value(call["arguments_raw"].as_str().unwrap_or(""))
        ])
    });
    assert_eq!(calls.collect::<Value>(), wanted.collect::<Value>(), "{name}: tool calls");
}

/// The error that a case shows, or that it is cut off, is ours too.
fn compare_error(case: &Recording, error: Option<graphbit_core::Error>) {
    let (name, want) = (label(case), &case.expected["error"]);
    let truncated = case.expected["truncated"] == json!(true);
    let Some(error) = error else {
        return assert!(want.is_null() && !truncated, "{name}: no error");
    };
    if want.is_null() {
        assert!(truncated, "{name}: {error}");
        return assert_eq!(error.code().as_str(), "TRUNCATED", "{name}: {error}");
    }
    let code = match want["class_suggested"].as_str().unwrap() {
        "auth" | "permission" => "AUTH",
        "invalid_request" | "not_found" => "REJECTED",
        "context_length" | "payload_too_large" => "CONTEXT_LENGTH",
        "rate_limit" if want["retryable_suggested"] == json!(false) => "CONTEXT_LENGTH",
        "rate_limit" => "RATE_LIMITED",
        "quota" => "QUOTA",
        "content_filter" => "REFUSED",
        "overloaded" | "server" => "UNAVAILABLE",
        other => panic!("{name}: no code for {other}"),
    };
    assert_eq!(error.code().as_str(), code, "{name}: {error}");
    assert_eq!(json!(error.is_retryable()), want["retryable_suggested"], "{name}");
    let wait = case.expected["retry_after_ms"].as_u64();
    assert_eq!(error.retry_after().map(|wait| wait.as_millis() as u64), wait, "{name}");
}

#[test]
fn replies_decode_to_what_they_say() {
    for case in recorded().iter().filter(|case| !case.streaming && case.http_status < 400) {
        let (events, end) = decode_reply(&OpenAiChat, &case.response);
        compare(case, &fold(events));
        compare_error(case, end.err());
    }
}

#[test]
fn streams_decode_to_what_they_say_whole_and_byte_by_byte() {
    for case in recorded().iter().filter(|case| case.streaming && case.http_status < 400) {
        for pieces in [vec![&case.response[..]], case.response.chunks(1).collect()] {
            let (response, end) = streamed(&pieces);
            compare(case, &response);
            compare_error(case, end.err());
        }
    }
}

#[test]
fn errors_get_their_code_and_their_advice() {
    for case in recorded().iter().filter(|case| case.http_status >= 400) {
        let pairs = case.headers.iter();
        let pair = |(name, value): (&String, &String)| {
            Some((name.parse::<http::HeaderName>().ok()?, value.parse().ok()?))
        };
        let headers: HeaderMap = pairs.filter_map(pair).collect();
        let status = StatusCode::from_u16(case.http_status).unwrap();
        let reply = ErrorReply { status, headers: &headers, body: &case.response };
        compare_error(case, Some(OpenAiChat.explain(&reply)));
    }
}

/// The neutral request that a recorded one of plain text says; `None` for one that says more.
fn neutral(body: &Value) -> Option<Request> {
    let messages = body["messages"].as_array()?.iter().map(|message| {
        let plain = message.as_object()?.keys().all(|key| matches!(&**key, "role" | "content"));
        let content = message["content"].as_str().filter(|_| plain)?;
        match message["role"].as_str()? {
            "system" => Some(Message::system(content)),
            "user" => Some(Message::user(content)),
            "assistant" => Some(Message::assistant(content)),
            _ => None,
        }
    });
    let mut request = Request::new(messages.collect::<Option<_>>()?);
    let number = |name: &str| body[name].as_i64();
    request.settings = Settings {
        max_tokens: number("max_tokens").or(number("max_completion_tokens")).map(|most| most as u32),
        temperature: body["temperature"].as_f64(),
        top_p: body["top_p"].as_f64(),
        stop: serde_json::from_value(body["stop"].clone()).unwrap_or_default(),
        seed: number("seed").or(number("random_seed")),
        ..Settings::default()
    };
    request.streamed = body["stream"] == json!(true);
    Some(request)
}

/// The base URL and the model that lead to a recorded URL of a vendor without a URL of its own.
fn customer(url: &str) -> Option<(String, Option<&str>)> {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let query = if query.is_empty() { String::new() } else { format!("?{query}") };
    let base = path.strip_suffix("/chat/completions").filter(|base| base.starts_with("https:"))?;
    match base.split_once("/openai/deployments/") {
        Some((host, deployment)) => Some((format!("{host}{query}"), Some(deployment))),
        None => Some((format!("{base}{query}"), None)),
    }
}

#[test]
fn requests_of_plain_text_are_encoded_as_they_were_recorded() {
    let (cases, mut compared, mut urls, mut different) = (recorded(), 0, 0, Vec::new());
    for case in cases.iter().filter(|case| case.http_status < 400) {
        let name = match &*case.provider {
            "openai-chat" => "openai",
            "ollama-openai" => "ollama",
            name => name,
        };
        let (Ok(row), Some(body)) = (vendor(name), &case.request) else { continue };
        let Some(request) = neutral(body) else { continue };
        let url = case.meta["url"].as_str().unwrap().replace(".com//", ".com/");
        let url = url.split('#').next().unwrap();
        let (base, deployment) = match customer(url) {
            Some((base, deployment)) if row.base_url.is_empty() => (Some(base), deployment),
            _ if row.base_url.is_empty() => continue,
            _ => (None, None),
        };
        let model = deployment.or(body["model"].as_str()).unwrap();
        let (ours, encoded) = encoded(name, base.as_deref(), model, &request);
        for (member, value) in encoded.as_object().unwrap() {
            let Some(recorded) = body.get(member) else { continue };
            let same = match member.as_str() {
                "model" => deployment.is_some() || value == recorded,
                "stream_options" => recorded["include_usage"] == json!(false) || value == recorded,
                _ if recorded.is_number() => value.as_f64() == recorded.as_f64(),
                _ => value == recorded,
            };
            if !same {
                different.push(format!("{}: {member} {value}, not {recorded}", label(case)));
            }
        }
        compared += 1;
        // Some were recorded at a proxy, or at another base of the same vendor.
        let same_base = base.is_some() || url.starts_with(&format!("{}/chat", row.base_url));
        if url.starts_with('/') || same_base {
            let unversioned = ours.split_once('?').filter(|_| !url.contains('?')).map(|(path, _)| path);
            if !unversioned.unwrap_or(&ours).ends_with(url) {
                different.push(format!("{}: {ours}, not {url}", label(case)));
            }
            urls += 1;
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
    assert!(cases.is_empty() || (compared > 100 && urls > 80), "{compared} {urls}");
}

/// The frames of a body that arrives in these pieces, each with the offset at which it was complete.
fn frames(pieces: &[Bytes]) -> Vec<(usize, Frame)> {
    let mut sse = Sse::new(LIMIT);
    let (mut frames, mut fed) = (Vec::new(), 0);
    for piece in pieces {
        fed += piece.len();
        sse.push(piece.clone());
        while let Some(frame) = sse.next().unwrap() {
            frames.push((fed, frame));
        }
    }
    frames.extend(sse.finish().map(|frame| (fed, frame)));
    frames
}

/// One vendor's streams, and those that are framed otherwise: CRLF, comments, a field named `error`.
fn streams_to_cut() -> Vec<Recording> {
    let mut cases = recorded();
    let few = ["openai-chat", "perplexity", "gpustack", "mistral"];
    cases.retain(|case| case.streaming && few.contains(&&*case.provider));
    cases
}

#[test]
fn streams_cut_at_every_byte_give_the_same_frames() {
    let plain = |found: Vec<(usize, Frame)>| found.into_iter().map(|(_, frame)| frame).collect::<Vec<_>>();
    for case in streams_to_cut() {
        let whole = &case.response;
        let bytes: Vec<Bytes> = (0..whole.len()).map(|at| whole.slice(at..=at)).collect();
        let found = frames(&bytes);
        let ends: Vec<usize> = found.iter().map(|(end, _)| *end).collect();
        let wanted = plain(found);
        assert!(plain(frames(std::slice::from_ref(whole))) == wanted, "{} byte by byte", label(&case));
        for cut in 0..=whole.len() {
            // A parser knows nothing of frames that are complete, so of a long stream two frames around the cut are read;
            // short ones are read whole.
            let at = ends.partition_point(|end| *end < cut);
            let (first, last) = if whole.len() < 2000 {
                (0, wanted.len())
            } else {
                (at.saturating_sub(1), (at + 2).min(wanted.len()))
            };
            let from = if first == 0 { 0 } else { ends[first - 1] };
            let to = if last == wanted.len() { whole.len() } else { ends[last - 1] };
            let pieces = [whole.slice(from..cut), whole.slice(cut..to.max(cut))];
            assert!(plain(frames(&pieces)) == wanted[first..last], "{} at byte {cut}", label(&case));
        }
    }
}

#[test]
fn streams_that_end_at_any_byte_are_truncated_or_complete_but_never_corrupt() {
    let mut cases = streams_to_cut();
    cases.retain(|case| case.response.len() < 4000 && case.expected["error"].is_null());
    for case in &cases {
        let (whole, _) = streamed(&[&case.response]);
        for cut in 0..case.response.len() {
            let (part, end) = streamed(&[&case.response[..cut]]);
            assert!(whole.text.starts_with(&part.text), "{} at byte {cut}", label(case));
            match end {
                Ok(()) => {
                    assert_eq!(part.finish_reason, whole.finish_reason, "{} at byte {cut}", label(case));
                }
                Err(error) => {
                    assert_eq!(error.code().as_str(), "TRUNCATED", "{} at byte {cut}: {error}", label(case));
                }
            }
        }
    }
}
