//! What is sent.

use serde_json::{Map, Value, json};

use super::super::{OpenAiResponses, WIRE};
use crate::message::Signature;
use crate::protocol::{Protocol, Target};
use crate::vendor::vendor;
use crate::{Media, Message, Part, ReasoningEffort, Request, Role, ToolCall};

fn encoded(base_url: &str, model: &str, request: &Request) -> http::Request<bytes::Bytes> {
    let (row, extra) = (vendor("openai").unwrap(), Map::new());
    let target = Target::new(base_url, model, &row.quirks, &extra);
    OpenAiResponses.encode(&target, request).unwrap()
}

fn body(model: &str, request: &Request) -> Value {
    let encoded = encoded("https://api.openai.com/v1", model, request);
    assert_eq!(encoded.uri(), "https://api.openai.com/v1/responses");
    serde_json::from_slice(encoded.body()).unwrap()
}

#[test]
fn a_plain_request_says_no_more_than_it_must() {
    let body = body("gpt-4.1-mini", &Request::prompt("hi"));
    let input = json!([{"type": "message", "role": "user", "content": "hi"}]);
    assert_eq!(body, json!({"model": "gpt-4.1-mini", "input": input, "store": false}));
}

#[test]
fn the_users_own_members_win() {
    let mut request = Request::prompt("hi");
    request.settings.reasoning_effort = Some(ReasoningEffort::Low);
    let extra = json!({"store": true, "reasoning": {"summary": "auto"}, "include": null});
    request.extra = extra.as_object().unwrap().clone();
    let body = body("o4-mini", &request);
    assert_eq!(body["reasoning"], json!({"effort": "low", "summary": "auto"}));
    assert_eq!((&body["store"], body.get("include")), (&json!(true), None));
}

#[test]
fn a_model_that_reasons_is_told_no_sampling_that_it_would_refuse() {
    let sampled = |model: &str, effort: Option<ReasoningEffort>| {
        let mut request = Request::prompt("hi");
        let settings = &mut request.settings;
        (settings.temperature, settings.top_p, settings.reasoning_effort) = (Some(0.5), Some(0.9), effort);
        let body = body(model, &request);
        json!([body["temperature"], body["top_p"]])
    };
    assert_eq!(sampled("gpt-4.1-mini", None), json!([0.5, 0.9]));
    assert_eq!(sampled("gpt-6-luna", Some(ReasoningEffort::None)), json!([0.5, 0.9]));
    assert_eq!(sampled("gpt-6-luna", Some(ReasoningEffort::Low)), json!([null, null]));
    assert_eq!(sampled("o3", None), json!([null, null]));
}

/// gpt-4.1 and its like refuse the question, others think nothing of it.
#[test]
fn the_cipher_of_thinking_is_asked_for_where_there_may_be_one() {
    let asks = |vendor_name: &str, model: &str, effort: Option<ReasoningEffort>| {
        let (row, extra) = (vendor(vendor_name).unwrap(), Map::new());
        let target = Target::new("http://h", model, &row.quirks, &extra);
        let mut request = Request::prompt("hi");
        request.settings.reasoning_effort = effort;
        let encoded = OpenAiResponses.encode(&target, &request).unwrap();
        let body: Value = serde_json::from_slice(encoded.body()).unwrap();
        body["include"] == json!(["reasoning.encrypted_content"])
    };
    for model in
        ["o3-mini", "gpt-5", "gpt-5.1-codex-mini", "codex-mini-latest", "openai/gpt-5-nano", "openai.gpt-5.5"]
    {
        assert!(asks("openai", model, None), "{model}");
    }
    for model in ["gpt-4.1-mini", "gpt-4o", "gpt-5-chat-latest", "openai/gpt-4.1", "omni", "my-deployment"] {
        assert!(!asks("openai", model, None), "{model}");
    }
    assert!(asks("azure", "my-deployment", Some(ReasoningEffort::Low)));
    assert!(!asks("azure", "my-deployment", Some(ReasoningEffort::None)));
    assert!(asks("xai", "grok-4.3", None));
    assert!(!asks("deepseek", "deepseek-reasoner", Some(ReasoningEffort::High)));
}

#[test]
fn what_the_wire_cannot_say_is_refused_with_advice() {
    let picture = || Part::image(Media::url("https://example.com/a.png"));
    let sound = Part::file(Media::bytes("audio/wav", b"RIFF"), "a.wav");
    for (message, advice) in [
        (Message::assistant("look").with(picture()), "user message"),
        (Message::user("hear").with(sound), "chat completions"),
    ] {
        let (row, extra) = (vendor("openai").unwrap(), Map::new());
        let target = Target::new(row.base_url, "m", &row.quirks, &extra);
        let error = OpenAiResponses.encode(&target, &Request::new(vec![message])).unwrap_err();
        assert_eq!(error.code().as_str(), "INVALID_INPUT");
        assert!(error.message().contains(advice), "{error}");
    }
}

#[test]
fn thinking_that_nothing_came_of_or_that_is_no_item_is_left_out() {
    let thought =
        |value: &str| Part::Reasoning { text: "hm".into(), signature: Some(Signature::new(WIRE, value)) };
    let item = json!({"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "c"});
    let unsigned = Part::Reasoning { text: "hm".into(), signature: None };
    let parts = vec![unsigned, thought("not JSON"), thought("5"), thought(&item.to_string()), Part::text("")];
    let mut turn = Message::new(Role::Assistant, parts);
    let asked = |turn: Message| Request::new(vec![Message::user("hi"), turn, Message::user("so?")]);
    let (hi, so) = (
        json!({"type": "message", "role": "user", "content": "hi"}),
        json!({"type": "message", "role": "user", "content": "so?"}),
    );
    assert_eq!(body("m", &asked(turn.clone()))["input"], json!([hi, so]));
    turn.content.push(Part::text("yes"));
    let answer = json!({"type": "message", "role": "assistant", "content": "yes"});
    assert_eq!(body("m", &asked(turn))["input"], json!([hi, item, answer, so]));
}

#[test]
fn a_turn_keeps_its_order_and_a_file_without_a_name_gets_one() {
    let call = ToolCall::new("f", "{}").with_id("c");
    let turn = vec![Part::text("a"), Part::text("b"), Part::ToolCall(call), Part::text("d")];
    let file = Part::File { media: Media::bytes("text/csv", b"a,b"), name: None };
    let messages = vec![Message::new(Role::Assistant, turn), Message::new(Role::User, vec![file])];
    let text = |text: &str| json!({"type": "output_text", "text": text});
    let file =
        json!({"type": "input_file", "filename": "file.csv", "file_data": "data:text/csv;base64,YSxi"});
    assert_eq!(
        body("m", &Request::new(messages))["input"],
        json!([
            {"type": "message", "role": "assistant", "content": [text("a"), text("b")]},
            {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
            {"type": "message", "role": "assistant", "content": "d"},
            {"type": "message", "role": "user", "content": [file]},
        ])
    );
}

#[test]
fn azure_is_asked_at_its_newer_base_unless_the_url_has_a_path() {
    let url = |base: &str| {
        let (row, extra) = (vendor("azure").unwrap(), Map::new());
        let target = Target::new(base, "deployment", &row.quirks, &extra);
        OpenAiResponses.encode(&target, &Request::prompt("hi")).unwrap().uri().to_string()
    };
    let host = "https://r.openai.azure.com";
    assert_eq!(url(host), format!("{host}/openai/v1/responses"));
    assert_eq!(url(&format!("{host}/openai/v1")), format!("{host}/openai/v1/responses"));
    let dated = "api-version=2025-04-01-preview";
    assert_eq!(url(&format!("{host}/openai?{dated}")), format!("{host}/openai/responses?{dated}"));
    assert_eq!(url(&format!("{host}?{dated}")), format!("{host}/openai/v1/responses?{dated}"));
}
