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

#[test]
fn recorded_streams_cut_at_every_byte_give_the_same_frames() {
    let plain = |found: Vec<(usize, Frame)>| found.into_iter().map(|(_, frame)| frame).collect::<Vec<_>>();
    for case in recorded().iter().filter(|case| case.streaming) {
        let whole = &case.response;
        let bytes: Vec<Bytes> = (0..whole.len()).map(|at| whole.slice(at..=at)).collect();
        let found = frames(&bytes);
        let ends: Vec<usize> = found.iter().map(|(end, _)| *end).collect();
        let wanted = plain(found);
        assert!(plain(frames(std::slice::from_ref(whole))) == wanted, "{} byte by byte", case.case);
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
            assert!(plain(frames(&pieces)) == wanted[first..last], "{} at byte {cut}", case.case);
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
    let settings = Settings {
        max_tokens: Some(100),
        temperature: Some(0.7),
        stop: vec!["END".into()],
        ..Settings::default()
    };
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
    let settings = Settings { max_tokens: Some(7), ..Settings::default() };
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
    let chunk =
        |call: Value| format!("data: {}\n\n", json!({"choices": [{"delta": {"tool_calls": [call]}}]}));
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

#[test]
fn content_comes_as_text_or_as_parts_and_other_shapes_are_passed_over() {
    let read = |turn: Value| {
        let body = json!({"choices": [{"index": 1}, {"message": turn, "finish_reason": "stop"}]}).to_string();
        let reply = fold(decode_whole(&OpenAiChat, body.as_bytes()).unwrap());
        (reply.text, reply.reasoning)
    };
    let pair = |text: &str, reasoning: &str| (text.to_owned(), reasoning.to_owned());
    assert_eq!(read(json!({"content": "a \"quote\" \u{e9}"})), pair("a \"quote\" \u{e9}", ""));
    assert_eq!(
        read(json!({"content": [{"type": "text", "text": "a"}, "b", 5, null, ["c"]]})),
        pair("abc", "")
    );
    assert_eq!(read(json!({"content": {"type": "output_text", "text": "a"}})), pair("a", ""));
    let thinking = json!({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]},
                                      {"type": "thinking", "thinking": "m"}, {"type": "text", "text": "a"}]});
    assert_eq!(read(thinking), pair("a", "hmm"));
    assert_eq!(read(json!({"content": "a", "reasoning": "why"})), pair("a", "why"));
    assert_eq!(read(json!({"content": "a", "reasoning": {"effort": "low"}, "refusal": null})), pair("a", ""));
    assert_eq!(
        read(json!({"content": "a", "reasoning_content": "why", "reasoning": "why"})),
        pair("a", "why")
    );
    assert_eq!(read(json!({"content": 5, "tool_calls": null})), pair("", ""));
}
