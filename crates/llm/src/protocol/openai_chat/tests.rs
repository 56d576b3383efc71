use bytes::Bytes;
use graphbit_core::Error;
use graphbit_testkit::recorded::{Recording, Recordings, fixtures_dir};
use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value, json};

use super::OpenAiChat;
use crate::framing::{Frame, Framing, Sse};
use crate::protocol::{ErrorReply, Protocol, Target, decode_streamed, decode_whole};
use crate::vendor::vendor;
use crate::{Message, Request, Response, Settings};

const LIMIT: usize = 1 << 20;

/// The recorded exchanges of OpenAI's own endpoint; none where the recordings are not beside the workspace.
fn recorded() -> Vec<Recording> {
    let Some(dir) = fixtures_dir() else { return Vec::new() };
    Recordings::open(dir.join("openai-chat")).unwrap().iter().collect::<Result<_, _>>().unwrap()
}

fn fold(events: Vec<crate::Event>) -> Response {
    let mut response = Response::default();
    events.into_iter().for_each(|event| response.add(event));
    response
}

fn streamed(pieces: &[&[u8]]) -> (Response, Result<(), Error>) {
    let (events, end) = decode_streamed(&OpenAiChat, LIMIT, pieces.iter().copied());
    (fold(events), end)
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
        .map(|call| json!({"id": call.id, "name": call.name, "raw": call.arguments}))
        .collect();
    let wanted: Vec<Value> = want["tool_calls"]
        .as_array()
        .unwrap()
        .iter()
        .map(|call| json!({"id": call["id"], "name": call["name"], "raw": call["arguments_raw"]}))
        .collect();
    assert_eq!(calls, wanted, "{name}: tool calls");
}

#[test]
fn recorded_replies_decode_to_what_they_say() {
    for case in recorded().iter().filter(|case| !case.streaming && case.expected.get("error").is_none()) {
        compare(case, &fold(decode_whole(&OpenAiChat, &case.response).unwrap()));
    }
}

#[test]
fn recorded_streams_decode_to_what_they_say_whole_and_byte_by_byte() {
    for case in recorded().iter().filter(|case| case.streaming) {
        let bytes: Vec<&[u8]> = case.response.chunks(1).collect();
        for pieces in [vec![&case.response[..]], bytes] {
            let (response, end) = streamed(&pieces);
            compare(case, &response);
            let truncated = case.expected["truncated"].as_bool().unwrap_or(false);
            let code = end.err().map(|error| error.code().as_str());
            assert_eq!(code, truncated.then_some("TRUNCATED"), "{}", case.case);
        }
    }
}

#[test]
fn recorded_streams_cut_at_every_byte_give_the_same_frames() {
    let frames = |pieces: &[&Bytes]| -> Vec<Frame> {
        let mut sse = Sse::new(LIMIT);
        let mut frames = Vec::new();
        for piece in pieces {
            sse.push((*piece).clone());
            while let Some(frame) = sse.next().unwrap() {
                frames.push(frame);
            }
        }
        frames.extend(sse.finish());
        frames
    };
    for case in recorded().iter().filter(|case| case.streaming) {
        let whole = case.response.clone();
        let wanted = frames(&[&whole]);
        for cut in 0..=whole.len() {
            assert!(frames(&[&whole.slice(..cut), &whole.slice(cut..)]) == wanted, "{} at byte {cut}", case.case);
        }
    }
}

#[test]
fn recorded_streams_that_end_at_any_byte_are_truncated_or_complete_but_never_corrupt() {
    for case in recorded().iter().filter(|case| case.streaming && case.response.len() < 4000) {
        let (whole, _) = streamed(&[&case.response]);
        for cut in 0..case.response.len() {
            let (part, end) = streamed(&[&case.response[..cut]]);
            assert!(whole.text.starts_with(&part.text), "{} at byte {cut}", case.case);
            match end {
                Ok(()) => assert_eq!(part.finish_reason, whole.finish_reason, "{} at byte {cut}", case.case),
                Err(error) => assert_eq!(error.code().as_str(), "TRUNCATED", "{} at byte {cut}: {error}", case.case),
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
        let error = OpenAiChat.explain(&ErrorReply { status, headers: &headers, body: &case.response });
        let want = &case.expected["error"];
        let class = want["class_suggested"].as_str().unwrap();
        let code = match class {
            "auth" | "permission" => "AUTH",
            "invalid_request" | "not_found" => "REJECTED",
            "rate_limit" if want["retryable_suggested"] == json!(false) => "CONTEXT_LENGTH",
            "rate_limit" => "RATE_LIMITED",
            "overloaded" => "UNAVAILABLE",
            other => panic!("{}: no code for {other}", case.case),
        };
        assert_eq!(error.code().as_str(), code, "{}: {error}", case.case);
        assert_eq!(json!(error.is_retryable()), want["retryable_suggested"], "{}", case.case);
        let wait = case.expected["retry_after_ms"].as_u64();
        assert_eq!(error.retry_after().map(|wait| wait.as_millis() as u64), wait, "{}", case.case);
    }
}

fn body(model: &str, request: &Request) -> Value {
    let row = vendor("openai").unwrap();
    let extra = Map::new();
    let target = Target { base_url: row.base_url, model, quirks: &row.quirks, extra: &extra };
    let encoded = OpenAiChat.encode(&target, request).unwrap();
    assert_eq!(encoded.uri(), "https://api.openai.com/v1/chat/completions");
    serde_json::from_slice(encoded.body()).unwrap()
}

#[test]
fn a_plain_request_says_no_more_than_it_must() {
    let body = body("gpt-4.1-mini", &Request::prompt("hi"));
    assert_eq!(body, json!({"model": "gpt-4.1-mini", "messages": [{"role": "user", "content": "hi"}]}));
}

#[test]
fn settings_streaming_and_extras_are_said() {
    let mut settings = Settings::default();
    (settings.max_tokens, settings.temperature, settings.stop) = (Some(100), Some(0.7), vec!["END".into()]);
    let mut request = Request::new(vec![Message::assistant("before"), Message::user("hi")]);
    request = request.system("be brief").settings(settings).streamed();
    request.extra.insert("logprobs".into(), json!(true));
    let body = body("gpt-4.1", &request);
    assert_eq!(
        body,
        json!({
            "model": "gpt-4.1",
            "messages": [
                {"role": "system", "content": "be brief"},
                {"role": "assistant", "content": "before"},
                {"role": "user", "content": "hi"},
            ],
            "max_tokens": 100, "temperature": 0.7, "stop": ["END"],
            "stream": true, "stream_options": {"include_usage": true}, "logprobs": true,
        })
    );
}

#[test]
fn reasoning_models_are_told_their_limit_by_its_newer_name() {
    let mut settings = Settings::default();
    settings.max_tokens = Some(7);
    let request = Request::prompt("hi").settings(settings);
    for model in ["o3-mini", "gpt-5-nano", "openai/o4-mini"] {
        assert_eq!(body(model, &request)["max_completion_tokens"], json!(7), "{model}");
    }
    for model in ["gpt-4o", "olmo-2", "llama"] {
        assert_eq!(body(model, &request)["max_tokens"], json!(7), "{model}");
    }
}

#[test]
fn an_error_in_the_middle_of_a_stream_comes_after_the_text_before_it() {
    let stream = b"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"so far\"}}]}\n\n\
                   data: {\"error\":{\"message\":\"boom\",\"type\":\"server_error\",\"code\":500}}\n\n";
    let (response, end) = streamed(&[stream]);
    assert_eq!(response.text, "so far");
    assert_eq!(end.unwrap_err().code().as_str(), "UNAVAILABLE");
}

#[test]
fn a_null_error_is_none_and_a_corrupt_frame_is_one() {
    let good = b"data: {\"error\":null,\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}\n\n";
    assert!(streamed(&[good]).1.is_ok());
    let (_, end) = streamed(&[b"data: {\"choices\": oops}\n\n"]);
    assert_eq!(end.unwrap_err().code().as_str(), "PROTOCOL");
}

#[test]
fn fragments_of_parallel_calls_interleave_and_reused_slots_are_new_calls() {
    let chunk = |call: Value| format!("data: {}\n\n", json!({"choices": [{"delta": {"tool_calls": [call]}}]}));
    let stream = [
        chunk(json!({"index": 0, "id": "a", "function": {"name": "f", "arguments": ""}})),
        chunk(json!({"index": 1, "id": "b", "function": {"name": "g", "arguments": "{\"x\":"}})),
        chunk(json!({"index": 0, "function": {"arguments": "{}"}})),
        chunk(json!({"index": 1, "function": {"arguments": "1}"}})),
        chunk(json!({"index": 1, "id": "c", "function": {"name": "h", "arguments": {"y": 2}}})),
        "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n".to_owned(),
    ]
    .concat();
    let (response, end) = streamed(&[stream.as_bytes()]);
    end.unwrap();
    let calls: Vec<(&str, &str)> =
        response.tool_calls.iter().map(|call| (call.name.as_str(), call.arguments.as_str())).collect();
    assert_eq!(calls, [("g", "{\"x\":1}"), ("f", "{}"), ("h", "{\"y\":2}")]);
    assert_eq!(response.finish_reason.unwrap().as_str(), "tool_calls");
}
