use graphbit_core::ErrorCode;
use serde_json::json;

use crate::{
    Media, Message, Part, Request, Role, Settings, Signature, Tool, ToolCall, ToolChoice, ToolResult,
};

fn refused(mut request: Request) -> String {
    let error = request.settle("openai").unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidInput);
    error.message().to_owned()
}

fn called(id: Option<&str>) -> Message {
    let mut call = ToolCall::new("f", "{}");
    call.id = id.map(str::to_owned);
    Message::new(Role::Assistant, vec![Part::ToolCall(call)])
}

fn result(id: Option<&str>) -> Message {
    let mut result = ToolResult::new("", vec![Part::text("done")]);
    result.id = id.map(str::to_owned);
    Message::new(Role::Tool, vec![Part::ToolResult(result)])
}

#[test]
fn calls_and_results_without_ids_are_tied_in_order() {
    let mut twice = called(None);
    twice.content.push(Part::ToolCall(ToolCall::new("g", "{}")));
    let mut request = Request::new(vec![Message::user("go"), twice, result(None), result(None)]);
    request.settle("openai").unwrap();
    let results: Vec<_> = request.messages[2..]
        .iter()
        .map(|message| match &message.content[0] {
            Part::ToolResult(result) => (result.id.clone().unwrap(), result.name.clone()),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(results, [("call_1_0".into(), "f".into()), ("call_1_1".into(), "g".into())]);
}

#[test]
fn calls_that_a_vendor_made_itself_are_not_sent_back() {
    let served =
        json!({"type": "tool_call", "id": "s", "name": "search", "arguments": {}, "providerExecuted": true});
    let part: Part = serde_json::from_value(served.clone()).unwrap();
    assert_eq!(serde_json::to_value(&part).unwrap()["providerExecuted"], true);
    let turn = Message::new(Role::Assistant, vec![part.clone(), Part::text("Sunny.")]);
    let alone = Message::new(Role::Assistant, vec![part]);
    let mut request = Request::new(vec![Message::user("hi"), turn, alone, Message::user("thanks")]);
    request.settle("anthropic").unwrap();
    assert_eq!(
        request.messages,
        [Message::user("hi"), Message::assistant("Sunny."), Message::user("thanks")]
    );
}

#[test]
fn a_result_that_answers_nothing_is_refused() {
    let said = refused(Request::new(vec![called(Some("a")), result(Some("b"))]));
    assert!(said.contains("message 1") && said.contains("\"b\""), "{said}");
    assert!(refused(Request::new(vec![called(None), result(None), result(None)])).contains("message 2"));
}

#[test]
fn who_cannot_say_what_is_told_by_message() {
    let image = Part::image(Media::bytes("image/png", b"x"));
    for (message, said) in [
        (Message::system("a").with(image.clone()), "a system message cannot hold a part of type \"image\""),
        (Message::user("a").with(Part::Refusal { text: "no".into() }), "a user message cannot hold"),
        (
            Message::new(Role::Tool, vec![Part::text("a")]),
            "a tool message cannot hold a part of type \"text\"",
        ),
        (Message::user("a").with(Part::image(Media::url("cat.png"))), "it must be absolute"),
    ] {
        let found = refused(Request::new(vec![Message::user("hi"), message]));
        assert!(found.starts_with("message 1: ") && found.contains(said), "{found}");
    }
    assert!(refused(Request::default()).contains("cannot be empty"));
}

#[test]
fn tools_that_no_vendor_takes_are_refused() {
    let with =
        |tools: Vec<Tool>, choice| Request { tool_choice: choice, ..Request::prompt("hi").tools(tools) };
    assert!(refused(with(vec![Tool::new("get weather", "")], None)).contains("\"get weather\""));
    assert!(refused(with(vec![Tool::new("f", "").parameters(json!([]))], None)).contains("JSON Schema"));
    assert!(refused(with(vec![Tool::new("f", ""), Tool::new("f", "")], None)).contains("two tools"));
    assert!(refused(with(vec![], Some(ToolChoice::Required))).contains("there are none"));
    assert!(refused(with(vec![Tool::new("f", "")], Some(ToolChoice::Tool("g".into())))).contains("\"g\""));
}

#[test]
fn what_another_vendor_signed_is_not_shown_to_this_one() {
    let signed = |provider: &str| {
        let mut mark = Signature::new("anthropic", "proof");
        mark.provider = provider.to_owned();
        Part::Reasoning { text: "hm".into(), signature: Some(mark) }
    };
    let parts = ["", "anthropic", "vertex-anthropic"].map(signed).to_vec();
    let mut request = Request::new(vec![Message::user("hi"), Message::new(Role::Assistant, parts)]);
    request.settle("anthropic").unwrap();
    let kept = request.messages[1].content.iter().map(|part| match part {
        Part::Reasoning { signature, .. } => signature.is_some(),
        other => panic!("{other:?}"),
    });
    assert_eq!(kept.collect::<Vec<_>>(), [true, true, false]);
}

#[test]
fn thinking_of_another_vendor_does_not_pass_for_this_ones() {
    let mut mark = Signature::new("anthropic", "proof");
    mark.provider = "anthropic".to_owned();
    let empty = Part::Text { text: String::new(), signature: Some(mark.clone()) };
    let parts =
        vec![Part::Reasoning { text: "hm".into(), signature: Some(mark) }, Part::text("Hello."), empty];
    for name in ["ollama", "cohere", "deepseek", "mistral"] {
        let row = crate::vendor::vendor(name).unwrap();
        let mut request = Request::new(vec![
            Message::user("hi"),
            Message::new(Role::Assistant, parts.clone()),
            Message::user("?"),
        ]);
        request.settle(name).unwrap();
        let extra = serde_json::Map::new();
        let target = crate::protocol::Target::new("http://h", "m", &row.quirks, &extra);
        let sent = row.wire.protocol().encode(&target, &request).unwrap();
        let body: serde_json::Value = serde_json::from_slice(sent.body()).unwrap();
        assert_eq!(body["messages"][1], json!({"role": "assistant", "content": "Hello."}), "{name}");
    }
}

#[test]
fn the_names_of_the_settings_are_all_of_them() {
    let written = serde_json::to_value(Settings::default()).unwrap();
    let mut names = Settings::NAMES.to_vec();
    names.sort_unstable();
    assert_eq!(written.as_object().unwrap().keys().map(String::as_str).collect::<Vec<_>>(), names);
}
