//! Requests as this wire writes them, beside the corpus.

use graphbit_core::Result;
use serde_json::{Map, Value, json};

use crate::protocol::anthropic::{Anthropic, DEFAULT_MAX_TOKENS, WIRE};
use crate::protocol::{Protocol, Target};
use crate::vendor::vendor;
use crate::{Media, Message, Part, Request, Role, Settings, Signature, ToolCall, ToolResult};

pub(super) fn ask(
    name: &str,
    base_url: &str,
    model: &str,
    request: &Request,
) -> Result<http::Request<bytes::Bytes>> {
    let (quirks, extra) = (&vendor(name).unwrap().quirks, Map::new());
    Anthropic.encode(&Target::new(base_url, model, quirks, &extra), request)
}

fn encoded(base_url: &str, model: &str, request: &Request) -> http::Request<bytes::Bytes> {
    ask("anthropic", base_url, model, request).unwrap()
}

pub(super) fn body_for(model: &str, request: &Request) -> Value {
    serde_json::from_slice(encoded("https://api.anthropic.com", model, request).body()).unwrap()
}

pub(super) fn body(request: &Request) -> Value {
    body_for("claude-haiku-4-5", request)
}

pub(super) fn refused(request: &Request) -> String {
    let error = ask("anthropic", "http://h", "claude-haiku-4-5", request).unwrap_err();
    assert_eq!(error.code().as_str(), "INVALID_INPUT");
    error.message().to_owned()
}

#[test]
fn a_plain_request_says_no_more_than_it_must_and_the_limit_that_the_wire_demands() {
    let plain = encoded("https://api.anthropic.com", "claude-haiku-4-5", &Request::prompt("hi"));
    assert_eq!(plain.method(), http::Method::POST);
    assert_eq!(plain.uri(), "https://api.anthropic.com/v1/messages");
    assert_eq!(plain.headers()["anthropic-version"], "2023-06-01");
    assert_eq!(plain.headers()["accept"], "application/json");
    assert_eq!(
        serde_json::from_slice::<Value>(plain.body()).unwrap(),
        json!({
            "model": "claude-haiku-4-5", "max_tokens": DEFAULT_MAX_TOKENS,
            "messages": [{"role": "user", "content": "hi"}],
        })
    );
    assert_eq!(
        encoded("http://h", "m", &Request::prompt("hi").streamed()).headers()["accept"],
        "text/event-stream"
    );
}

#[test]
fn a_base_url_may_name_the_version_or_a_query() {
    let url = |base_url: &str| encoded(base_url, "m", &Request::prompt("hi")).uri().to_string();
    assert_eq!(url("http://gateway/v1"), "http://gateway/v1/messages");
    assert_eq!(url("https://openrouter.ai/api"), "https://openrouter.ai/api/v1/messages");
    assert_eq!(url("http://gateway/a/v1/?key=1"), "http://gateway/a/v1/messages?key=1");
    assert_eq!(url("http://gateway/a?key=/v1"), "http://gateway/a/v1/messages?key=/v1");
}

#[test]
fn instructions_are_said_apart_wherever_they_stood() {
    let turns =
        vec![Message::user("a"), Message::system("late"), Message::assistant("b"), Message::user("c")];
    let one = body(&Request::new(turns.clone()));
    assert_eq!(one["system"], json!("late"));
    let roles: Vec<&Value> = one["messages"].as_array().unwrap().iter().map(|turn| &turn["role"]).collect();
    assert_eq!(roles, ["user", "assistant", "user"]);
    let two = body(&Request::new(turns.clone()).system("").system("early"));
    assert_eq!(two["system"], json!([{"type": "text", "text": "early"}, {"type": "text", "text": "late"}]));
    assert!(body(&Request::prompt("hi").system("")).get("system").is_none(), "the wire refuses empty texts");
}

#[test]
fn settings_and_extras_are_said_and_extras_win() {
    let settings =
        Settings { top_p: Some(0.9), seed: Some(7), stop: vec!["END".into()], ..Settings::default() };
    let mut request = Request::prompt("hi").settings(settings);
    request.extra = json!({"max_tokens": 9, "metadata": {"user_id": "u"}}).as_object().unwrap().clone();
    let body = body(&request);
    assert_eq!(body["top_p"], json!(0.9));
    assert_eq!(body["stop_sequences"], json!(["END"]));
    assert_eq!(body["max_tokens"], json!(9));
    assert_eq!(body["metadata"], json!({"user_id": "u"}));
    assert!(body.get("seed").is_none() && body.get("stop").is_none());
}

#[test]
fn a_request_without_anything_to_answer_is_refused_here() {
    refused(&Request::default());
    refused(&Request::default().system("be brief"));
}

#[test]
fn vertex_names_the_model_in_the_url_and_the_version_in_the_body() {
    let base = "https://us-east5-aiplatform.googleapis.com/v1/projects/p/locations/us-east5";
    let said =
        |request: &Request| ask("vertex-anthropic", base, "claude-haiku-4-5@20251001", request).unwrap();
    let whole = said(&Request::prompt("hi"));
    let path = format!("{base}/publishers/anthropic/models/claude-haiku-4-5@20251001");
    assert_eq!(whole.uri(), &*format!("{path}:rawPredict"));
    assert!(whole.headers().get("anthropic-version").is_none());
    let body: Value = serde_json::from_slice(whole.body()).unwrap();
    assert_eq!(body["anthropic_version"], "vertex-2023-10-16");
    assert!(body.get("model").is_none());
    assert_eq!(said(&Request::prompt("hi").streamed()).uri(), &*format!("{path}:streamRawPredict"));
}

#[test]
fn results_come_first_in_the_one_turn_after_their_calls() {
    let calls = ["a", "b"].map(|id| Part::ToolCall(ToolCall::new("f", "{}").with_id(id)));
    let request = Request::new(vec![
        Message::new(Role::Assistant, calls.to_vec()),
        Message::tool_result("a", "f", "1"),
        Message::user("Hurry."),
        Message::tool_result("b", "f", "2"),
        Message::user("Please."),
        Message::assistant("Yes."),
    ]);
    let body = body(&request);
    assert_eq!(body["messages"].as_array().unwrap().len(), 3);
    let content = body["messages"][1]["content"].as_array().unwrap();
    let said: Vec<&Value> =
        content.iter().map(|block| block.get("tool_use_id").unwrap_or(&block["text"])).collect();
    assert_eq!(said, ["a", "b", "Hurry.", "Please."]);
}

#[test]
fn the_last_four_marks_are_kept_each_on_its_messages_last_block_that_is_no_thinking() {
    let signed = Part::Reasoning { text: "hm".into(), signature: Some(Signature::new(WIRE, "s")) };
    let thoughtful = Message::assistant("So.").with(signed).cached();
    let mut messages: Vec<Message> = (0..4).map(|at| Message::user(at.to_string()).cached()).collect();
    messages.push(thoughtful);
    let body = body(&Request::new(messages));
    let marked: Vec<bool> = body["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|turn| turn["content"][0].get("cache_control").is_some())
        .collect();
    assert_eq!(marked, [false, true, true, true, true]);
    assert_eq!(body["messages"][0]["content"], "0");
    assert!(body["messages"][4]["content"][1].get("cache_control").is_none());
}

#[test]
fn a_turn_that_held_only_another_wires_thinking_is_left_out() {
    let foreign = Part::Reasoning { text: "hm".into(), signature: Some(Signature::new("gemini", "s")) };
    let unsigned = Part::Reasoning { text: "hm".into(), signature: None };
    let thought = Message::new(Role::Assistant, vec![foreign, unsigned]);
    let body = body(&Request::new(vec![Message::user("a"), thought, Message::user("b")]));
    assert_eq!(body["messages"], json!([{"role": "user", "content": "a"}, {"role": "user", "content": "b"}]));
}

#[test]
fn calls_of_other_vendors_get_ids_and_arguments_that_this_one_takes() {
    let call = |arguments: &str| {
        let call = ToolCall::new("f", arguments).with_id("functions.f:0");
        let message = Message::new(Role::Assistant, vec![Part::ToolCall(call)]);
        let body = body(&Request::new(vec![message, Message::tool_result("functions.f:0", "f", "1")]));
        assert_eq!(body["messages"][1]["content"][0]["tool_use_id"], "functions_f_0");
        assert_eq!(body["messages"][0]["content"][0]["id"], "functions_f_0");
        body["messages"][0]["content"][0]["input"].clone()
    };
    assert_eq!(call(" "), json!({}));
    assert_eq!(call(" {\"a\": [1.50]}\n"), json!({"a": [1.5]}));
    assert_eq!(call("{\"a\": "), json!({"INVALID_JSON": "{\"a\": "}));
    assert_eq!(call("[1]"), json!({"INVALID_JSON": "[1]"}));
}

#[test]
fn files_are_documents_by_their_type() {
    let block = |part: Part| {
        let request = Request::new(vec![Message::new(Role::User, vec![part, Part::text("?")])]);
        body(&request)["messages"][0]["content"][0].clone()
    };
    assert_eq!(
        block(Part::file(Media::bytes("text/markdown; charset=utf-8", "# é".as_bytes()), "a.md")),
        json!({"type": "document", "title": "a.md", "source": {"type": "text", "media_type": "text/plain", "data": "# é"}})
    );
    let png = Media::bytes("image/png", b"x");
    assert_eq!(block(Part::file(png.clone(), "a.png"))["type"], "image");
    let refused = |part: Part| refused(&Request::new(vec![Message::new(Role::User, vec![part])]));
    assert!(refused(Part::file(Media::bytes("text/plain", b"\xff"), "a")).contains("UTF-8"));
    let address = Media::Url { url: "https://h/a.txt".into(), media_type: Some("text/plain".into()) };
    assert!(refused(Part::file(address, "a")).contains("send its bytes"));
    let drawn = Message::new(Role::Assistant, vec![Part::image(png)]);
    assert!(self::refused(&Request::new(vec![drawn])).contains("assistant message"));
}

#[test]
fn a_result_may_hold_a_file_that_was_uploaded() {
    let file = Part::File { media: Media::Uploaded { file_id: "file_1".into() }, name: None };
    let result = ToolResult::new("f", vec![file]).with_id("a");
    let request = Request::new(vec![
        Message::new(Role::Assistant, vec![Part::ToolCall(ToolCall::new("f", "{}").with_id("a"))]),
        Message::new(Role::Tool, vec![Part::ToolResult(result)]),
    ]);
    assert_eq!(encoded("http://h", "m", &request).headers()["anthropic-beta"], "files-api-2025-04-14");
}
