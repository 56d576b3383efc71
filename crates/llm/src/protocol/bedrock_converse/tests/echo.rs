//! What came back is sent back as the service demands.

use super::*;
use crate::{Message, OutputSchema, ReasoningEffort, Response, Tool, ToolCall, ToolChoice};

/// The assistant's turn of the request that follows this reply and its tools' results.
fn sent_back(reply: &Response) -> Value {
    let mut request = Request::new(vec![Message::user("hi"), reply.message()]).tools([Tool::new("f", "")]);
    for call in &reply.tool_calls {
        request.messages.push(Message::tool_result(call.id.clone().unwrap(), "", "done"));
    }
    request.settle("").unwrap();
    let (_, _, body) = encoded(&BedrockConverse, BASE, "anthropic.claude-haiku-4-5", &request);
    assert_eq!(body["messages"].as_array().unwrap().len(), 2 + usize::from(!reply.tool_calls.is_empty()));
    body["messages"][1]["content"].clone()
}

#[test]
fn thinking_goes_back_as_it_came_whole_or_streamed_shown_or_hidden() {
    let shown = json!({"reasoningContent": {"reasoningText": {"text": "think", "signature": "c2ln"}}});
    let hidden = |cipher: &str| json!({"reasoningContent": {"redactedContent": cipher}});
    let call = json!({"toolUse": {"toolUseId": "t1", "name": "f", "input": {"x": 1}}});
    let content = json!([shown, hidden("Zmlyc3Q="), hidden("c2Vjb25k"), {"text": "I call."}, call]);
    let body =
        json!({"output": {"message": {"role": "assistant", "content": content}}, "stopReason": "tool_use"});
    assert_eq!(sent_back(&whole(&BedrockConverse, &body).unwrap()), content);

    let delta =
        |index: u64, delta: Value| ("contentBlockDelta", json!({"contentBlockIndex": index, "delta": delta}));
    let thought = |index: u64, said: Value| delta(index, json!({"reasoningContent": said}));
    let stop = |index: u64| ("contentBlockStop", json!({"contentBlockIndex": index}));
    let (reply, end, _) = events(&[
        thought(0, json!({"text": "thi"})),
        thought(0, json!({"text": "nk"})),
        thought(0, json!({"signature": "c2ln"})),
        stop(0),
        thought(1, json!({"redactedContent": "Zmlyc3Q="})),
        stop(1),
        thought(2, json!({"redactedContent": "c2Vjb25k"})),
        stop(2),
        delta(3, json!({"text": "I call."})),
        stop(3),
        (
            "contentBlockStart",
            json!({"contentBlockIndex": 4, "start": {"toolUse": {"toolUseId": "t1", "name": "f"}}}),
        ),
        delta(4, json!({"toolUse": {"input": "{\"x\":1}"}})),
        stop(4),
        ("messageStop", json!({"stopReason": "tool_use"})),
    ]);
    end.unwrap();
    assert_eq!(sent_back(&reply), content);
}

#[test]
fn recorded_thinking_goes_back_as_it_came() {
    let mut sent = 0;
    for case in recorded("converse").into_iter().filter(|case| !case.streaming && case.http_status == 200) {
        let body: Value = serde_json::from_slice(&case.response).unwrap();
        let content = &body["output"]["message"]["content"];
        let proven = |block: &Value| {
            let thought = &block["reasoningContent"];
            thought["redactedContent"].is_string() || thought["reasoningText"]["signature"].is_string()
        };
        if content.as_array().is_some_and(|blocks| blocks.iter().any(proven)) {
            assert_eq!(&sent_back(&whole(&BedrockConverse, &body).unwrap()), content, "{}", case.case);
            sent += 1;
        }
    }
    assert!(sent >= 3 || recorded("converse").is_empty(), "{sent}");
}

#[test]
fn thinking_without_a_signature_is_not_sent() {
    let body = json!({"output": {"message": {"content": [
        {"reasoningContent": {"reasoningText": {"text": "hm"}}}, {"text": "Hello"}]}}, "stopReason": "end_turn"});
    assert_eq!(sent_back(&whole(&BedrockConverse, &body).unwrap()), json!([{"text": "Hello"}]));
}

fn written(model: &str, request: &Request) -> Value {
    encoded(&BedrockConverse, BASE, model, request).2
}

#[test]
fn thinking_is_asked_in_the_words_of_the_model_and_what_it_forbids_is_left_out() {
    let mut request = Request::prompt("hi");
    let settings = &mut request.settings;
    (settings.temperature, settings.top_k, settings.max_tokens) = (Some(0.5), Some(7), Some(4000));
    settings.reasoning_effort = Some(ReasoningEffort::High);
    let of = |model: &str, request: &Request| {
        let body = written(model, request);
        (body["additionalModelRequestFields"].clone(), body["inferenceConfig"].clone())
    };
    let (fields, config) = of("us.anthropic.claude-haiku-4-5-20251001-v1:0", &request);
    assert_eq!(fields, json!({"thinking": {"type": "enabled", "budget_tokens": 3999}}));
    assert_eq!(config, json!({"maxTokens": 4000}));
    let (fields, config) = of("global.anthropic.claude-opus-4-7", &request);
    let adaptive = json!({"type": "adaptive", "display": "summarized"});
    assert_eq!(fields, json!({"thinking": adaptive, "output_config": {"effort": "high"}}));
    let mut off = request.clone();
    off.settings.reasoning_effort = Some(ReasoningEffort::None);
    let off = |model: &str| of(model, &off).0;
    assert_eq!(off("global.anthropic.claude-opus-5"), json!({"thinking": {"type": "disabled"}}));
    assert_eq!(off("us.anthropic.claude-sonnet-5-5"), json!({"thinking": {"type": "between_tools"}}));
    assert_eq!(off("us.anthropic.claude-opus-5-5"), json!({"output_config": {"effort": "low"}}));
    assert_eq!(config, json!({"maxTokens": 4000}));
    let (fields, config) = of("us.amazon.nova-2-lite-v1:0", &request);
    assert_eq!(fields, json!({"reasoningConfig": {"type": "enabled", "maxReasoningEffort": "high"}}));
    assert_eq!(config, Value::Null);
    let (fields, config) = of("openai.gpt-oss-120b-1:0", &request);
    assert_eq!(fields, json!({"reasoning_effort": "high"}));
    assert_eq!(config, json!({"maxTokens": 4000, "temperature": 0.5}));
    let (fields, _) = of("anthropic.claude-3-haiku-20240307-v1:0", &request);
    assert_eq!(fields, json!({"top_k": 7}));
    assert_eq!(of("mistral.devstral-2-123b", &request).0, Value::Null);
    request.settings.reasoning_effort = None;
    request.settings.reasoning_budget = Some(10);
    let claude = "anthropic.claude-sonnet-4-20250514-v1:0";
    assert_eq!(of(claude, &request).0["thinking"]["budget_tokens"], 1024);
    request.settings.max_tokens = Some(100);
    assert_eq!(of(claude, &request).0, json!({"top_k": 7}), "no room to think");
}

#[test]
fn a_schema_is_the_vendors_where_it_takes_it() {
    let claude = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
    let closed = json!({"type": "object", "properties": {"minimum": {"type": "string"}}, "additionalProperties": false});
    let limited = json!({"type": "integer", "minimum": 0});
    let held = |schema: &Value, strict: Option<bool>, model: &str| {
        let mut output = OutputSchema::new(schema.clone());
        output.strict = strict;
        let body = written(model, &Request::prompt("hi").output(output));
        assert_ne!(body["system"].is_null(), body["outputConfig"].is_null());
        body["outputConfig"].is_object()
    };
    assert!(held(&closed, None, claude) && held(&limited, Some(true), claude));
    assert!(!held(&closed, Some(false), claude) && !held(&limited, None, claude));
    assert!(
        !held(&json!({"properties": {}}), None, claude) && !held(&closed, Some(true), "amazon.nova-pro-v1:0")
    );
}

#[test]
fn tools_that_the_conversation_has_called_are_told_even_where_none_may_be_called() {
    let call = ToolCall::new("f", "").with_id("functions.f:0");
    let mut request = Request::new(vec![
        Message::user("hi"),
        Message::new(crate::Role::Assistant, vec![crate::Part::ToolCall(call)]),
        Message::tool_result("functions.f:0", "f", ""),
    ])
    .tools([Tool::new("f", "Does f."), Tool::new("g", "")]);
    request.tool_choice = Some(ToolChoice::None);
    let body = written("amazon.nova-pro-v1:0", &request);
    assert_eq!(body["toolConfig"]["tools"].as_array().unwrap().len(), 2);
    assert_eq!(body["system"], json!([{"text": "Call no tools now: answer in words."}]));
    assert_eq!(body["messages"][1]["content"][0]["toolUse"]["toolUseId"], "functions_f_0");
    assert_eq!(
        body["messages"][2]["content"],
        json!([{"toolResult": {"toolUseId": "functions_f_0", "content": []}}])
    );
    request.messages.truncate(1);
    assert_eq!(written("amazon.nova-pro-v1:0", &request)["toolConfig"], Value::Null);
}

#[test]
fn only_the_last_marks_hold_and_only_where_a_model_hears_them() {
    let turn = |number: usize| Message::user(format!("{number}")).cached();
    let request = Request::new((0..6).map(turn).collect());
    let marks = |model: &str| {
        let body = written(model, &request);
        let blocks = body["messages"][0]["content"].as_array().unwrap();
        blocks
            .iter()
            .map(|block| block["text"].as_str().unwrap_or("mark").to_owned())
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(marks("amazon.nova-pro-v1:0"), "0 1 2 mark 3 mark 4 mark 5 mark");
    assert_eq!(marks("mistral.devstral-2-123b"), "0 1 2 3 4 5");
}

#[test]
fn a_call_that_was_cut_off_cannot_be_sent() {
    let call = |arguments: &str| crate::Part::ToolCall(ToolCall::new("f", arguments).with_id("1"));
    for cut in ["{\"x\":", "[1]", "text"] {
        let request =
            Request::new(vec![Message::user("hi"), Message::new(crate::Role::Assistant, vec![call(cut)])]);
        let (extra, quirks) = (serde_json::Map::new(), &vendor("bedrock").unwrap().quirks);
        let target = Target::new(BASE, "m", quirks, &extra);
        let error = BedrockConverse.encode(&target, &request).unwrap_err();
        assert_eq!(error.code().as_str(), "INVALID_INPUT");
        assert!(error.message().contains("\"f\""), "{error}");
    }
}
