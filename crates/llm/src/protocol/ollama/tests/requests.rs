//! What servers accepted is what we send, and what came back is sent back.

use serde_json::{Value, json};

use super::*;
use crate::protocol::{Protocol, Target};
use crate::vendor::vendor;
use crate::{
    Media, OutputSchema, Part, ReasoningEffort, Response, Role, Tool, ToolCall, ToolChoice, ToolResult,
};

#[test]
fn recorded_requests_are_encoded_as_they_were() {
    let (mut matched, mut beyond) = (0, 0);
    for case in recorded("ollama") {
        let Some(body) = &case.request else { continue };
        let Some(mut request) = request(body) else {
            beyond += 1;
            continue;
        };
        request.streamed = case.streaming;
        let (url, headers, ours) = encoded(&Ollama, BASE, body["model"].as_str().unwrap(), &request);
        assert!(url.ends_with(case.meta["url"].as_str().unwrap().trim_start_matches(BASE)), "{url}");
        assert_eq!(headers["content-type"], "application/json");
        assert_eq!(ours, comparable(body), "{}", case.case);
        matched += 1;
    }
    assert!(
        matched >= 20 || recorded("ollama").is_empty(),
        "{matched} match, {beyond} hold more than we can say"
    );
}

/// Without what says nothing, and with the type that every call has.
fn comparable(body: &Value) -> Value {
    let mut body = body.clone();
    let nothing = |value: &Value| {
        value.is_null()
            || *value == ""
            || value.as_array().is_some_and(Vec::is_empty)
            || value.as_object().is_some_and(serde_json::Map::is_empty)
    };
    body.as_object_mut().unwrap().retain(|_, value| !nothing(value));
    if let Some(temperature) = body.pointer_mut("/options/temperature") {
        *temperature = json!(temperature.as_f64());
    }
    for message in body["messages"].as_array_mut().unwrap() {
        for call in message.get_mut("tool_calls").and_then(Value::as_array_mut).into_iter().flatten() {
            call["type"] = json!("function");
        }
    }
    body
}

/// A recorded request in our words; `None` where it is one of `/api/generate`.
fn request(body: &Value) -> Option<Request> {
    let mut request = Request::default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    for message in body["messages"].as_array()? {
        let mut parts = Vec::new();
        if let Some(text) = message["thinking"].as_str() {
            parts.push(Part::Reasoning { text: text.to_owned(), signature: None });
        }
        if !text(&message["content"]).is_empty() {
            parts.push(Part::text(text(&message["content"])));
        }
        for call in message["tool_calls"].as_array().into_iter().flatten() {
            let function = &call["function"];
            parts.push(Part::ToolCall(ToolCall::new(
                text(&function["name"]),
                function["arguments"].to_string(),
            )));
        }
        let role = match message["role"].as_str()? {
            "system" => Role::System,
            "user" => Role::User,
            "assistant" => Role::Assistant,
            _ => {
                parts = vec![Part::ToolResult(ToolResult::new(text(&message["tool_name"]), parts))];
                Role::Tool
            }
        };
        request.messages.push(Message::new(role, parts));
    }
    for tool in body["tools"].as_array().into_iter().flatten() {
        let function = &tool["function"];
        let tool = Tool::new(text(&function["name"]), text(&function["description"]));
        request.tools.push(tool.parameters(function["parameters"].clone()));
    }
    if body["format"].is_object() {
        request.output = Some(OutputSchema::new(body["format"].clone()));
    }
    let (options, settings) = (&body["options"], &mut request.settings);
    settings.max_tokens = options["num_predict"].as_u64().map(|number| number as u32);
    (settings.temperature, settings.seed) = (options["temperature"].as_f64(), options["seed"].as_i64());
    let effort = |thinks| if thinks { ReasoningEffort::Medium } else { ReasoningEffort::None };
    settings.reasoning_effort = body["think"].as_bool().map(effort);
    Some(request)
}

/// The assistant's turn of the request that follows this reply.
fn sent_back(reply: &Response) -> Value {
    let request = Request::new(vec![Message::user("hi"), reply.message()]);
    encoded(&Ollama, BASE, "m", &request).2["messages"][1].clone()
}

#[test]
fn thinking_and_calls_go_back_as_they_came_whole_or_streamed() {
    let call = json!({"type": "function", "function": {"name": "f", "arguments": {"x": 1}}});
    let turn = json!({"role": "assistant", "content": "I call.", "thinking": "hm", "tool_calls": [call]});
    let reply = whole(&Ollama, &json!({"message": turn, "done": true, "done_reason": "stop"})).unwrap();
    assert_eq!(sent_back(&reply), turn);
    let line = |message: Value, done: bool| format!("{}\n", json!({"message": message, "done": done}));
    let lines = [
        line(json!({"thinking": "h"}), false),
        line(json!({"thinking": "m"}), false),
        line(json!({"content": "I "}), false),
        line(json!({"content": "call."}), false),
        line(json!({"content": "", "tool_calls": [call]}), false),
        line(json!({"content": ""}), true),
    ];
    let (reply, end) = streamed(&Ollama, lines.iter().map(String::as_bytes));
    end.unwrap();
    assert_eq!(sent_back(&reply), turn);
}

#[test]
fn levels_of_thinking_are_for_the_model_that_has_them() {
    let think = |model: &str, effort: Option<ReasoningEffort>, budget: Option<u32>| {
        let mut request = Request::prompt("hi");
        (request.settings.reasoning_effort, request.settings.reasoning_budget) = (effort, budget);
        encoded(&Ollama, BASE, model, &request).2["think"].clone()
    };
    assert_eq!(think("gpt-oss:20b", Some(ReasoningEffort::XHigh), None), "high");
    assert_eq!(think("gpt-oss:20b", Some(ReasoningEffort::None), None), "low");
    assert_eq!(think("gpt-oss:20b", None, Some(4000)), "medium");
    assert_eq!(think("qwen3:4b", None, Some(0)), false);
    assert_eq!(think("qwen3:4b", Some(ReasoningEffort::Low), None), true);
    assert_eq!(think("qwen3:4b", None, None), Value::Null);
}

#[test]
fn what_the_wire_cannot_say_is_refused() {
    let refused = |request: &Request| {
        let (extra, quirks) = (serde_json::Map::new(), &vendor("ollama").unwrap().quirks);
        let target = Target::new(BASE, "m", quirks, &extra);
        Ollama.encode(&target, request).unwrap_err().message().to_owned()
    };
    let with = |part: Part| Request::new(vec![Message::user("hi").with(part)]);
    let picture = Media::url("https://example.com/cat.png");
    assert!(refused(&with(Part::image(picture.clone()))).contains("bytes"));
    assert!(refused(&with(Part::file(picture, "cat.png"))).contains("no file"));
    assert!(refused(&with(Part::file(Media::bytes("text/csv", b"a,b"), "a.csv"))).contains("\"text/csv\""));
    let mut request = Request::prompt("hi").tools([Tool::new("f", "")]);
    request.tool_choice = Some(ToolChoice::Required);
    assert!(refused(&request).contains("toolChoice"));
    let mut image = Request::prompt("look");
    image.messages[0].content.push(Part::file(Media::bytes("image/png", b"png"), "cat.png"));
    assert_eq!(encoded(&Ollama, BASE, "m", &image).2["messages"][0]["images"], json!(["cG5n"]));
}

#[test]
fn probabilities_of_tokens_are_read_whole_or_streamed() {
    let token = json!({"token": "a\"", "logprob": -0.5, "bytes": [97],
                       "top_logprobs": [{"token": "b", "logprob": -1}]});
    let body = json!({"message": {"content": "a\""}, "logprobs": [token, {"token": "!", "logprob": 0}], "done": true});
    let reply = whole(&Ollama, &body).unwrap();
    assert_eq!(reply.logprobs.len(), 2);
    assert_eq!((&*reply.logprobs[0].token, reply.logprobs[0].logprob), ("a\"", -0.5));
    assert_eq!(reply.logprobs[0].top, [("b".to_owned(), -1.0)]);
    let (streamed, _) = streamed(&Ollama, [format!("{body}\n").as_bytes()]);
    assert_eq!(streamed.logprobs, reply.logprobs);
    let odd = json!({"message": {"content": "a"}, "logprobs": [{"token": 5}], "done": true});
    assert!(whole(&Ollama, &odd).unwrap().logprobs.is_empty());
}
