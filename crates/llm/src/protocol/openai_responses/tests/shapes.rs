//! Shapes that the reference documents or that compatible servers send, beyond what was recorded.

use serde_json::{Value, json};

use super::super::OpenAiResponses;
use super::{LIMIT, calls, fold, is_truncated, recorded, streamed};
use crate::protocol::{decode_streamed, decode_whole};
use crate::{Event, Response};

/// A stream of these events, without their names.
fn stream(events: &[Value]) -> (Response, Result<(), graphbit_core::Error>) {
    let body: String = events.iter().map(|event| format!("data: {event}\n\n")).collect();
    streamed(&[body.as_bytes()])
}

fn item(event: &str, index: u64, item: Value) -> Value {
    let mut event = json!({"type": format!("response.output_item.{event}"), "output_index": index});
    event["item"] = item;
    event
}

fn delta(of: &str, index: u64, text: &str) -> Value {
    json!({"type": format!("response.{of}.delta"), "output_index": index, "content_index": 0, "delta": text})
}

fn completed(output: Value) -> Value {
    let mut event = json!({"type": "response.completed", "response": {"id": "r", "status": "completed"}});
    event["response"]["output"] = output;
    event
}

fn message(text: &str) -> Value {
    json!({"type": "message", "content": [{"type": "output_text", "text": text}]})
}

fn function(id: &str, name: &str, arguments: &str) -> Value {
    json!({"type": "function_call", "id": format!("item_{id}"), "call_id": id, "name": name, "arguments": arguments})
}

fn code(error: Value) -> (&'static str, bool) {
    let error = stream(&[error]).1.unwrap_err();
    (error.code().as_str(), error.is_retryable())
}

#[test]
fn errors_inside_a_success_are_the_vendors_in_every_shape() {
    let nested = |code: &str| json!({"type": "error", "error": {"code": code, "message": "m"}});
    assert_eq!(code(nested("server_error")), ("UNAVAILABLE", true));
    assert_eq!(code(nested("rate_limit_exceeded")), ("RATE_LIMITED", true));
    assert_eq!(code(nested("invalid_prompt")), ("REJECTED", false));
    assert_eq!(code(nested("image_parse_error")), ("REJECTED", false));
    assert_eq!(code(nested("image_content_policy_violation")), ("REFUSED", false));
    assert_eq!(code(nested("context_length_exceeded")), ("CONTEXT_LENGTH", false));
    assert_eq!(code(json!({"type": "error", "code": "server_error", "message": "m"})), ("UNAVAILABLE", true));
    assert_eq!(code(json!({"type": "error", "status": 401, "error": {"message": "m"}})), ("AUTH", false));
    assert_eq!(code(json!({"error": {"code": 429, "message": "m"}})), ("RATE_LIMITED", true));
    assert_eq!(code(json!({"error": "boom"})), ("UNAVAILABLE", true));
    let failed =
        |error: Value| json!({"type": "response.failed", "response": {"status": "failed", "error": error}});
    assert_eq!(code(failed(json!({"code": "invalid_image", "message": "m"}))), ("REJECTED", false));
    assert_eq!(code(failed(Value::Null)), ("UNAVAILABLE", true));
    for body in [json!({"error": {"message": "m", "code": 502}}), json!({"status": "failed", "error": null})]
    {
        let error = decode_whole(&OpenAiResponses, body.to_string().as_bytes()).unwrap_err();
        assert_eq!(error.code().as_str(), "UNAVAILABLE", "{error}");
    }
}

#[test]
fn an_error_in_the_middle_of_a_stream_comes_after_the_text_before_it() {
    let (response, end) = stream(&[
        delta("output_text", 0, "so far"),
        json!({"type": "error", "error": {"code": "server_error", "message": "boom"}}),
    ]);
    assert_eq!(response.text, "so far");
    assert_eq!(end.unwrap_err().code().as_str(), "UNAVAILABLE");
}

#[test]
fn each_item_is_taken_once_whichever_events_bring_it() {
    let call = || function("c", "f", "{\"x\":1}");
    let wanted = vec![json!({"id": "c", "name": "f", "arguments": {"x": 1}})];
    let streams = [
        // in pieces, whole and in the list
        vec![
            item("added", 0, message("")),
            delta("output_text", 0, "a"),
            delta("output_text", 0, "b"),
            item("done", 0, message("ab")),
            item("added", 1, function("c", "f", "")),
            delta("function_call_arguments", 1, "{\"x\":"),
            delta("function_call_arguments", 1, "1}"),
            item("done", 1, call()),
            item("done", 1, call()),
            completed(json!([message("ab"), call()])),
        ],
        // whole alone, and the list is empty
        vec![item("done", 0, message("ab")), item("done", 1, call()), completed(json!([]))],
        // the list alone
        vec![completed(json!([message("ab"), 5, null, call()]))],
        // pieces without wholes, and the list numbers the items in its own way
        vec![
            delta("output_text", 3, "ab"),
            item("added", 4, call()),
            delta("function_call_arguments", 4, "{\"x\":1}"),
            completed(json!([{"type": "reasoning"}, message("ab"), call()])),
        ],
        // arguments of a call that nobody announced
        vec![
            delta("function_call_arguments", 1, "{\"x\":1}"),
            item("done", 0, message("ab")),
            item("done", 1, call()),
            completed(json!([])),
        ],
        // no numbers at all
        vec![
            json!({"type": "response.output_item.added", "item": {"type": "message"}}),
            json!({"type": "response.output_text.delta", "delta": "ab"}),
            json!({"type": "response.output_item.done", "item": message("ab")}),
            json!({"type": "response.output_item.done", "item": call()}),
            completed(json!([])),
        ],
    ];
    for (number, events) in streams.iter().enumerate() {
        let (response, end) = stream(events);
        assert!(end.is_ok(), "stream {number}: {end:?}");
        assert_eq!((response.text.as_str(), calls(&response)), ("ab", wanted.clone()), "stream {number}");
        assert_eq!(response.finish_reason.unwrap().as_str(), "tool_calls", "stream {number}");
    }
}

#[test]
fn parallel_calls_interleave_and_answer_to_their_call_ids() {
    let (response, end) = stream(&[
        item("added", 0, function("a", "f", "")),
        item("added", 1, function("b", "g", "")),
        delta("function_call_arguments", 1, "[1"),
        delta("function_call_arguments", 0, "[2"),
        delta("function_call_arguments", 1, "]"),
        delta("function_call_arguments", 0, "]"),
        item("added", 2, json!({"type": "custom_tool_call", "call_id": "c", "name": "h"})),
        delta("custom_tool_call_input", 2, "free text"),
        completed(json!([])),
    ]);
    end.unwrap();
    let found: Vec<_> =
        response.tool_calls.iter().map(|call| (call.name.as_str(), call.arguments.as_str())).collect();
    assert_eq!(found, [("f", "[2]"), ("g", "[1]"), ("h", "free text")]);
}

#[test]
fn thinking_is_taken_from_one_place_in_paragraphs() {
    let summary = |index: u64, part: u64, text: &str| json!({"type": "response.reasoning_summary_text.delta", "output_index": index, "summary_index": part, "delta": text});
    let (response, _) = stream(&[
        summary(0, 0, "a"),
        summary(0, 0, "b"),
        summary(0, 1, "c"),
        delta("reasoning_text", 0, "not this"),
        delta("output_text", 1, "answer"),
        summary(2, 0, "d"),
        completed(json!([])),
    ]);
    assert_eq!((response.reasoning.as_str(), response.text.as_str()), ("ab\n\nc\n\nd", "answer"));
    let part = |kind: &str, text: &str| json!({"type": kind, "text": text});
    let output = json!([
        {"type": "reasoning", "summary": [part("summary_text", "a"), part("summary_text", "b")],
         "content": [part("reasoning_text", "not this")]},
        {"type": "reasoning", "summary": [], "content": [part("reasoning_text", "c")]},
    ]);
    assert_eq!(stream(&[completed(output)]).0.reasoning, "a\n\nb\n\nc");
}

#[test]
fn the_end_is_an_event_and_its_reason_is_told() {
    let end = |kind: &str, response: Value| {
        let (response, end) = stream(&[json!({"type": kind, "response": response})]);
        end.unwrap();
        (response.finish_reason.unwrap().as_str(), response.finish_raw.unwrap().into_owned())
    };
    let told = |reason: &'static str, raw: &str| (reason, raw.to_owned());
    let cut = |reason: &str| json!({"status": "incomplete", "incomplete_details": {"reason": reason}});
    assert_eq!(end("response.incomplete", cut("max_output_tokens")), told("length", "max_output_tokens"));
    assert_eq!(end("response.incomplete", cut("content_filter")), told("content_filter", "content_filter"));
    assert_eq!(end("response.completed", cut("max_output_tokens")), told("length", "max_output_tokens"));
    assert_eq!(end("response.completed", json!({"status": "in_progress"})), told("stop", "completed"));
    assert_eq!(end("response.completed", Value::Null), told("stop", "completed"));
    assert_eq!(end("response.incomplete", json!({})), told("other", "incomplete"));
    for (body, code) in [
        (
            &b"data: {\"type\":\"response.output_text.delta\",\"delta\":\"a\"}\n\ndata: [DONE]\n\n"[..],
            "TRUNCATED",
        ),
        (b"data: {\"type\":\"response.output_text.del", "TRUNCATED"),
        (b"data: {\"type\":\"response.output_text.del\n\n", "PROTOCOL"),
        (b"", "TRUNCATED"),
    ] {
        assert_eq!(streamed(&[body]).1.unwrap_err().code().as_str(), code);
    }
    let named = b"event: response.completed\ndata: {\"response\":{}}\n\n";
    assert!(streamed(&[named]).1.is_ok());
}

#[test]
fn unknown_events_pass_through_and_other_types_are_passed_over() {
    let unknown = json!({"type": "response.web_search_call.searching", "output_index": 0});
    let search = item("done", 0, json!({"type": "web_search_call", "id": "w"}));
    let events = [
        json!({"type": "response.created", "response": {"id": 7, "model": ["m"], "error": null}}),
        unknown.clone(),
        search.clone(),
        json!({"type": "response.output_text.delta", "output_index": "x", "delta": {"text": "a"}}),
        item("added", 1, Value::Null),
        json!({"type": 5}),
        completed(json!({"not": "a list"})),
    ];
    let body: String = events.iter().map(|event| format!("data: {event}\n\n")).collect();
    let (events, end) = decode_streamed(&OpenAiResponses, LIMIT, [body.as_bytes()]);
    end.unwrap();
    let passed: Vec<Value> = events
        .iter()
        .filter_map(|event| match event {
            Event::Unknown(text) => serde_json::from_str(text).ok(),
            _ => None,
        })
        .collect();
    assert_eq!(passed, [unknown, search, item("added", 1, Value::Null), json!({"type": 5})]);
    let read = |output: Value| {
        let body = json!({"status": "completed", "output": output}).to_string();
        fold(decode_whole(&OpenAiResponses, body.as_bytes()).unwrap())
    };
    assert_eq!(read(json!([{"type": "message", "content": "plain"}])).text, "plain");
    assert_eq!(
        read(json!([{"type": "message", "content": [5, null, [], {"type": "text", "text": "a"}]}])).text,
        "a"
    );
    assert_eq!(read(json!([{"type": "message", "content": 5}, {"type": 5}, "text", {}])).text, "");
    let call = json!({"type": "function_call", "id": "i", "name": "f", "arguments": {"x": 1}});
    assert_eq!(calls(&read(json!([call]))), [json!({"id": "i", "name": "f", "arguments": {"x": 1}})]);
    let page =
        decode_whole(&OpenAiResponses, b"{\"object\":\"chat.completion\",\"choices\":[]}").unwrap_err();
    assert!(page.message().contains("baseUrl"), "{page}");
}

#[test]
fn what_a_reply_may_hold_is_bounded() {
    let items: Vec<Value> = (0..1100).map(|_| json!({})).collect();
    let parts = json!([{"type": "message", "content": items}]);
    for output in [json!(items), parts] {
        let body = json!({"status": "completed", "output": output}).to_string();
        let error = decode_whole(&OpenAiResponses, body.as_bytes()).unwrap_err();
        assert_eq!(error.code().as_str(), "PROTOCOL");
    }
    let endless: Vec<Value> = (0..1100).map(|index| delta("output_text", index, "a")).collect();
    assert_eq!(stream(&endless).1.unwrap_err().code().as_str(), "PROTOCOL");
    let large = json!({"error": {"message": "x".repeat(200_000)}});
    assert!(stream(&[large]).1.unwrap_err().message().len() < 2000);
}

#[test]
fn damaged_and_reordered_streams_end_somehow() {
    let mut random = fastrand::Rng::with_seed(11);
    let small =
        |case: &&&super::Recording| case.streaming && case.response.len() < 30_000 && !is_truncated(case);
    for case in recorded().iter().filter(small) {
        for _ in 0..20 {
            let mut damaged = case.response.to_vec();
            for _ in 0..random.usize(1..6) {
                let at = random.usize(..damaged.len());
                damaged[at] = random.u8(..);
            }
            let _ = streamed(&[&damaged]);
        }
        let text = String::from_utf8_lossy(&case.response).replace("\r\n", "\n");
        let mut frames: Vec<&str> = text.split_inclusive("\n\n").collect();
        for _ in 0..20 {
            random.shuffle(&mut frames);
            let _ = streamed(&[frames.concat().as_bytes()]);
        }
    }
}

#[test]
fn what_xais_search_calls_is_nobodys_to_answer() {
    let call = |id: &str, name: &str| json!({"type": "custom_tool_call", "call_id": id, "name": name, "input": "{\"query\":\"q\"}"});
    let begun =
        json!({"type": "custom_tool_call", "call_id": "xs_call-1", "name": "x_keyword_search", "input": ""});
    let (search, ours) = (call("xs_call-1", "x_keyword_search"), call("call_1", "note"));
    let all = json!([search, message("a")]);
    let (reply, end) = stream(&[
        item("added", 0, begun),
        item("done", 0, search.clone()),
        delta("output_text", 1, "a"),
        completed(all.clone()),
    ]);
    end.unwrap();
    let whole = |output: Value| {
        let body = json!({"status": "completed", "output": output}).to_string();
        fold(decode_whole(&OpenAiResponses, body.as_bytes()).unwrap())
    };
    for reply in [reply, whole(all)] {
        assert_eq!(
            calls(&reply),
            [json!({"id": "xs_call-1", "name": "x_keyword_search", "arguments": {"query": "q"}})]
        );
        assert!(reply.tool_calls[0].provider_executed);
        assert_eq!(reply.finish_reason.unwrap().as_str(), "stop");
    }
    let reply = whole(json!([search, ours]));
    assert_eq!(reply.tool_calls.iter().map(|call| call.provider_executed).collect::<Vec<_>>(), [true, false]);
    assert_eq!(reply.finish_reason.unwrap().as_str(), "tool_calls");
}
