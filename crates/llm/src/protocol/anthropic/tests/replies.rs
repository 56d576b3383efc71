//! Shapes of replies that were not recorded, or not alone.

use serde_json::{Value, json};

use super::*;

fn start() -> Value {
    json!({"type": "message_start", "message": {"id": "msg", "model": "m", "content": [],
           "usage": {"input_tokens": 5, "cache_read_input_tokens": 3, "cache_creation_input_tokens": 2, "output_tokens": 1}}})
}

fn event(kind: &str, index: u64, member: &str, value: Value) -> Value {
    let mut event = json!({"type": kind, "index": index});
    event[member] = value;
    event
}

fn block(index: u64, block: Value) -> Value {
    event("content_block_start", index, "content_block", block)
}

fn delta(index: u64, delta: Value) -> Value {
    event("content_block_delta", index, "delta", delta)
}

fn tool(index: u64, id: &str, input: Value) -> Value {
    let mut tool = json!({"type": "tool_use", "id": id, "name": "f"});
    tool["input"] = input;
    block(index, tool)
}

fn arguments(index: u64, fragment: &str) -> Value {
    delta(index, json!({"type": "input_json_delta", "partial_json": fragment}))
}

fn stopped(reason: &str) -> Value {
    json!({"type": "message_delta", "delta": {"stop_reason": reason}, "usage": {"output_tokens": 9}})
}

fn calls(response: &Response) -> Vec<(&str, &str)> {
    let calls = response.tool_calls.iter();
    calls.map(|call| (call.id.as_deref().unwrap_or(""), call.arguments.as_str())).collect()
}

#[test]
fn every_reason_to_stop_has_its_word() {
    let reason = |raw: &str| {
        let (response, end) = stream(&[start(), stopped(raw)]);
        end.unwrap();
        let body = json!({"content": [], "stop_reason": raw}).to_string();
        let whole = fold(decode_whole(&Anthropic, body.as_bytes()).unwrap());
        assert_eq!(whole.finish_reason, response.finish_reason);
        response.finish_reason.unwrap().as_str()
    };
    assert_eq!(reason("end_turn"), "stop");
    assert_eq!(reason("stop_sequence"), "stop");
    assert_eq!(reason("max_tokens"), "length");
    assert_eq!(reason("model_context_window_exceeded"), "length");
    assert_eq!(reason("tool_use"), "tool_calls");
    assert_eq!(reason("refusal"), "content_filter");
    assert_eq!(reason("pause_turn"), "other");
    assert_eq!(reason("something_new"), "other");
}

#[test]
fn tokens_are_running_totals_and_null_says_nothing() {
    let later = |usage: Value| json!({"type": "message_delta", "delta": {}, "usage": usage});
    let (response, end) = stream(&[
        start(),
        later(json!({"input_tokens": 8, "output_tokens": 4, "server_tool_use": null})),
        later(
            json!({"output_tokens": 7, "cache_read_input_tokens": null, "output_tokens_details": {"thinking_tokens": 2}}),
        ),
        json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}}),
        json!({"type": "message_stop"}),
    ]);
    end.unwrap();
    let usage = response.usage.unwrap();
    assert_eq!(
        (usage.vendor_input(), usage.output, usage.cached, usage.reasoning),
        (Some(8), Some(7), Some(3), Some(2))
    );
    assert_eq!(
        (usage.input, usage.cache_write),
        (Some(8 + 3 + 2), Some(2)),
        "what the cache had a part in was read too"
    );
    assert!(usage.raw.to_value().get("server_tool_use").is_none());
}

#[test]
fn a_count_of_tokens_without_end_is_no_count() {
    let huge: Vec<u64> = vec![1; 1 << 16];
    let mut message = start();
    message["message"]["usage"]["iterations"] = json!(huge);
    let (response, end) = stream(&[message, stopped("end_turn")]);
    end.unwrap();
    assert_eq!(response.usage.unwrap().raw, json!({"output_tokens": 9}));
}

#[test]
fn calls_interleave_and_one_without_arguments_has_an_empty_object() {
    let (response, end) = stream(&[
        start(),
        tool(0, "a", json!({})),
        tool(1, "b", json!({})),
        tool(2, "c", Value::Null),
        arguments(1, ""),
        arguments(1, "{\"x\":"),
        arguments(0, "{}"),
        json!({"type": "content_block_stop", "index": 2}),
        arguments(1, "1}"),
        stopped("end_turn"),
        json!({"type": "message_stop"}),
    ]);
    end.unwrap();
    assert_eq!(calls(&response), [("a", "{}"), ("b", "{\"x\":1}"), ("c", "{}")]);
    assert_eq!(response.finish_reason.unwrap().as_str(), "tool_calls");
}

#[test]
fn arguments_that_come_whole_are_not_said_twice() {
    let (response, end) = stream(&[
        start(),
        tool(0, "a", json!({"x": 1})),
        arguments(0, "{\"x\":1}"),
        json!({"type": "content_block_stop", "index": 0}),
        stopped("tool_use"),
    ]);
    end.unwrap();
    assert_eq!(calls(&response), [("a", "{\"x\":1}")]);
    let body = json!({"content": [
        {"type": "tool_use", "id": "a", "name": "f", "input": "{\"x\": 1}"},
        {"type": "tool_use", "id": "b", "name": "f"},
        {"type": "tool_use", "id": "c", "name": "f", "input": {"y": [2]}},
    ], "stop_reason": "tool_use"});
    let whole = fold(decode_whole(&Anthropic, body.to_string().as_bytes()).unwrap());
    assert_eq!(calls(&whole), [("a", "{\"x\": 1}"), ("b", "{}"), ("c", "{\"y\":[2]}")]);
}

#[test]
fn calls_that_the_vendor_makes_itself_say_so_and_end_when_they_are_whole() {
    let body: String = [
        block(0, json!({"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}})),
        arguments(0, "{\"query\":\"x\"}"),
        json!({"type": "content_block_stop", "index": 0}),
        block(1, json!({"type": "web_search_tool_result", "content": []})),
        block(2, json!({"type": "mcp_tool_use", "id": "m", "name": "echo", "server_name": "e", "input": {}})),
    ]
    .iter()
    .map(|event| format!("data: {event}\n\n"))
    .collect();
    let (events, _) = decode_streamed(&Anthropic, LIMIT, [body.as_bytes()]);
    let ended: Vec<u32> = events
        .iter()
        .filter_map(|event| if let Event::PartFinished { part } = event { Some(*part) } else { None })
        .collect();
    assert_eq!(ended, [0]);
    let reply = fold(events);
    assert!(reply.tool_calls.iter().all(|call| call.provider_executed));
    assert_eq!(calls(&reply), [("s", "{\"query\":\"x\"}"), ("m", "")]);

    let end = json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}});
    let body = format!("{body}data: {end}\n\n");
    let (events, end) = decode_streamed(&Anthropic, LIMIT, [body.as_bytes()]);
    end.unwrap();
    assert_eq!(fold(events).finish_reason.unwrap().as_str(), "stop", "there is nothing to answer");
}

#[test]
fn what_has_no_event_of_its_own_passes_through() {
    let odd = [
        arguments(0, "{\"query\":\"x\"}"),
        block(1, json!({"type": "web_search_tool_result", "content": []})),
        delta(2, json!({"type": "citations_delta", "citation": {}})),
        json!({"type": "something_new", "delta": 5}),
        json!({"type": "content_block_delta", "index": 0, "delta": "text"}),
    ];
    let frames: String = odd.iter().map(|event| format!("data: {event}\n\n")).collect();
    let body = format!("{frames}data: 5\n\ndata: [1]\n\ndata: {{\"type\":\"ping\"}}\n\n");
    let (events, end) = decode_streamed(&Anthropic, LIMIT, [body.as_bytes()]);
    assert_eq!(end.unwrap_err().code().as_str(), "TRUNCATED");
    let mut wanted: Vec<Event> = odd.iter().map(|event| Event::Unknown(event.to_string())).collect();
    wanted.extend([Event::Unknown("5".into()), Event::Unknown("[1]".into())]);
    assert_eq!(events, wanted);
}

#[test]
fn members_of_other_types_are_passed_over() {
    let (response, end) = stream(&[
        json!({"type": "message_start", "message": {"id": 5, "model": null, "usage": "none", "content": {}}}),
        block(0, json!({"type": "text", "text": ["no"]})),
        json!({"type": "content_block_delta", "delta": {"type": "text_delta", "text": "yes"}}),
        json!({"type": "content_block_delta", "index": "0", "delta": {"type": "text_delta", "text": {"no": 1}}}),
        json!({"type": "content_block_stop", "index": -1}),
        json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": [1], "error": false}),
    ]);
    end.unwrap();
    assert_eq!((response.text.as_str(), response.id, response.usage), ("yes", None, None));
    let body = json!({"id": [], "content": ["no", 5, null, {"type": "text", "text": "yes"}, {"type": 5}],
                      "stop_reason": "end_turn", "usage": 7, "error": null});
    assert_eq!(fold(decode_whole(&Anthropic, body.to_string().as_bytes()).unwrap()).text, "yes");
}

#[test]
fn events_are_known_by_their_name_where_they_have_no_type() {
    let body = b"event: content_block_delta\ndata: {\"delta\":{\"type\":\"text_delta\",\"text\":\"a\"}}\n\n\
                 event: message_stop\ndata: {}\n\n";
    let (response, end) = streamed(&[body]);
    end.unwrap();
    assert_eq!(response.text, "a");
    assert_eq!(response.finish_reason.unwrap().as_str(), "stop");
}

#[test]
fn an_error_in_a_success_is_explained_by_its_type_and_comes_after_the_text_before_it() {
    let failed = |kind: &str| {
        let error = json!({"type": "error", "error": {"type": kind, "message": "boom"}, "request_id": "req"});
        let (response, end) =
            stream(&[start(), delta(0, json!({"type": "text_delta", "text": "so far"})), error.clone()]);
        assert_eq!(response.text, "so far");
        let whole = decode_whole(&Anthropic, error.to_string().as_bytes()).unwrap_err();
        let error = end.unwrap_err();
        assert_eq!((whole.code(), whole.is_retryable()), (error.code(), error.is_retryable()));
        assert_eq!(error.context().request_id.as_deref(), Some("req"));
        (error.code().as_str(), error.is_retryable())
    };
    assert_eq!(failed("overloaded_error"), ("RATE_LIMITED", true));
    assert_eq!(failed("rate_limit_error"), ("RATE_LIMITED", true));
    assert_eq!(failed("api_error"), ("UNAVAILABLE", true));
    assert_eq!(failed("authentication_error"), ("AUTH", false));
    assert_eq!(failed("billing_error"), ("QUOTA", false));
    assert_eq!(failed("request_too_large"), ("CONTEXT_LENGTH", false));
    assert_eq!(failed("invalid_request_error"), ("REJECTED", false));
    assert_eq!(failed("something_new"), ("UNAVAILABLE", true));
    let bare = b"data: {\"error\":{\"code\":503,\"message\":\"no backend\",\"status\":\"UNAVAILABLE\"}}\n\n";
    assert_eq!(streamed(&[bare]).1.unwrap_err().code().as_str(), "UNAVAILABLE");
}

#[test]
fn something_else_than_a_message_is_no_empty_answer() {
    for body in ["{}", "[]", "5", "null", "{\"choices\":[]}", "<html>", ""] {
        let error = decode_whole(&Anthropic, body.as_bytes()).unwrap_err();
        assert_eq!(error.code().as_str(), "PROTOCOL", "{body}");
    }
    let (_, end) = streamed(&[b"data: {\"type\": oops}\n\n"]);
    assert_eq!(end.unwrap_err().code().as_str(), "PROTOCOL");
    let (_, end) = streamed(&[b"data: {\"type\": oops}"]);
    assert_eq!(end.unwrap_err().code().as_str(), "TRUNCATED");
}

#[test]
fn calls_and_blocks_without_end_are_refused() {
    let frames: String =
        (0..2000).map(|at| format!("data: {}\n\n", tool(at, &at.to_string(), json!({})))).collect();
    let (response, end) = streamed(&[frames.as_bytes()]);
    assert_eq!(end.unwrap_err().code().as_str(), "PROTOCOL");
    assert!(response.tool_calls.len() <= 1025);
    let body = format!("{{\"content\":[{}{{}}],\"stop_reason\":\"end_turn\"}}", "{},".repeat(5000));
    assert_eq!(decode_whole(&Anthropic, body.as_bytes()).unwrap_err().code().as_str(), "PROTOCOL");
}

proptest! {
    #[test]
    fn no_order_of_events_panics(order in prop::collection::vec(0_usize..12, 0..30)) {
        let events = [
            start(), tool(0, "a", json!({})), tool(0, "b", json!({"x": 1})), tool(1, "c", json!(5)),
            arguments(0, "{"), arguments(1, "}"), arguments(9, "{}"),
            json!({"type": "content_block_stop", "index": 0}), block(0, json!({"type": "text", "text": "t"})),
            delta(0, json!({"type": "thinking_delta", "thinking": "h"})), stopped("tool_use"),
            json!({"type": "message_stop"}),
        ];
        let chosen: Vec<Value> = order.iter().map(|at| events[*at].clone()).collect();
        let (response, end) = stream(&chosen);
        let ended = order.iter().any(|at| *at >= 10);
        prop_assert_eq!(end.is_ok(), ended);
        prop_assert_eq!(response.finish_reason.is_some(), ended);
    }
}
