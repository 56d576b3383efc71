//! What the vendor accepted is what we send, and what came back is sent back.

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
    for case in recorded("cohere2") {
        let Some(body) = &case.request else { continue };
        let Some(mut request) = request(body) else {
            beyond += 1;
            continue;
        };
        request.streamed = case.streaming;
        let (url, headers, ours) = encoded(&Cohere, BASE, body["model"].as_str().unwrap(), &request);
        assert!(url.ends_with(case.meta["url"].as_str().unwrap()), "{url}");
        assert_eq!(headers["content-type"], "application/json");
        assert_eq!(headers["accept"] == "text/event-stream", case.streaming);
        assert_eq!(ours, comparable(body), "{}", case.case);
        matched += 1;
    }
    assert!(
        matched >= 30 || recorded("cohere2").is_empty(),
        "{matched} match, {beyond} hold more than we can say"
    );
}

/// Without what says nothing; a text alone as a string.
fn comparable(body: &Value) -> Value {
    let mut body = body.clone();
    let nothing = |value: &Value| value.is_null() || value.as_array().is_some_and(Vec::is_empty);
    body.as_object_mut().unwrap().retain(|_, value| !nothing(value));
    body["stream"] = json!(body["stream"] == true); // unset, it is not streamed
    for message in body["messages"].as_array_mut().unwrap() {
        if let Some([only]) = message["content"].as_array().map(Vec::as_slice)
            && only["type"] == "text"
        {
            message["content"] = only["text"].clone();
        }
        if message["role"] == "assistant" && message["content"] == "" {
            message["content"] = Value::Null;
        }
        message.as_object_mut().unwrap().retain(|_, value| !nothing(value));
    }
    body
}

/// A recorded request in our words; `None` where it holds documents.
fn request(body: &Value) -> Option<Request> {
    let mut request = Request::default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    for message in body["messages"].as_array()? {
        let mut parts = parts(&message["content"])?;
        for call in message["tool_calls"].as_array().into_iter().flatten() {
            let function = &call["function"];
            let call = ToolCall::new(text(&function["name"]), text(&function["arguments"]))
                .with_id(text(&call["id"]));
            parts.push(Part::ToolCall(call));
        }
        let role = match message["role"].as_str()? {
            "system" => Role::System,
            "user" => Role::User,
            "assistant" => Role::Assistant,
            _ => {
                let result = ToolResult::new("", parts).with_id(text(&message["tool_call_id"]));
                parts = vec![Part::ToolResult(result)];
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
    request.tool_choice = (body["tool_choice"] == "REQUIRED").then_some(ToolChoice::Required);
    if let Some(schema) = body["response_format"].get("json_schema") {
        request.output = Some(OutputSchema::new(schema.clone()));
    }
    let settings = &mut request.settings;
    settings.max_tokens = body["max_tokens"].as_u64().map(|number| number as u32);
    settings.temperature = body["temperature"].as_f64();
    settings.reasoning_effort = (body["thinking"]["type"] == "enabled").then_some(ReasoningEffort::Medium);
    Some(request)
}

fn parts(content: &Value) -> Option<Vec<Part>> {
    let Value::Array(pieces) = content else {
        return Some(content.as_str().map(Part::text).into_iter().collect());
    };
    let read = |piece: &Value| {
        Some(match piece["type"].as_str()? {
            "text" => Part::text(piece["text"].as_str()?),
            "thinking" => Part::Reasoning { text: piece["thinking"].as_str()?.to_owned(), signature: None },
            "image_url" => Part::image(Media::url(piece["image_url"]["url"].as_str()?)),
            _ => return None,
        })
    };
    let said = pieces.iter().filter(|piece| piece["text"] != "");
    said.map(read).collect()
}

/// The assistant's turn of the request that follows this reply.
fn sent_back(reply: &Response) -> Value {
    let request = Request::new(vec![Message::user("hi"), reply.message()]);
    encoded(&Cohere, BASE, "m", &request).2["messages"][1].clone()
}

#[test]
fn thinking_and_calls_go_back_as_they_came_whole_or_streamed() {
    let call = json!({"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{\"x\":1}"}});
    let content = json!([{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "I call."}]);
    let turn = json!({"role": "assistant", "content": content, "tool_calls": [call]});
    let body = json!({"id": "1", "message": turn, "finish_reason": "TOOL_CALL"});
    assert_eq!(sent_back(&whole(&Cohere, &body).unwrap()), turn);
    let event = |kind: &str, message: Value| {
        format!(
            "event: {kind}\ndata: {}\n\n",
            json!({"type": kind, "index": 0, "delta": {"message": message}})
        )
    };
    let events = [
        event("content-delta", json!({"content": {"thinking": "h"}})),
        event("content-delta", json!({"content": {"thinking": "m"}})),
        event("content-delta", json!({"content": {"text": "I call."}})),
        event(
            "tool-call-start",
            json!({"tool_calls": {"id": "c1", "function": {"name": "f", "arguments": ""}}}),
        ),
        event("tool-call-delta", json!({"tool_calls": {"function": {"arguments": "{\"x\":1}"}}})),
        "data: {\"type\":\"message-end\",\"delta\":{\"finish_reason\":\"TOOL_CALL\"}}\n\n".to_owned(),
    ];
    let (reply, end) = streamed(&Cohere, events.iter().map(String::as_bytes));
    end.unwrap();
    assert_eq!(sent_back(&reply), turn);
}

#[test]
fn settings_stay_within_the_vendors_ranges() {
    let settings = Settings {
        top_p: Some(1.0),
        top_k: Some(900),
        presence_penalty: Some(-1.0),
        frequency_penalty: Some(2.0),
        logprobs: Some(3),
        reasoning_effort: Some(ReasoningEffort::Low),
        ..Settings::default()
    };
    let (_, _, body) = encoded(&Cohere, BASE, "m", &Request::prompt("hi").settings(settings));
    for (name, value) in [
        ("p", json!(0.99)),
        ("k", json!(500)),
        ("presence_penalty", json!(0.0)),
        ("frequency_penalty", json!(1.0)),
        ("logprobs", json!(true)),
        ("thinking", json!({"type": "enabled", "token_budget": 2048})),
    ] {
        assert_eq!(body[name], value, "{name}");
    }
}

#[test]
fn a_schema_is_the_vendors_where_it_takes_it() {
    let person = json!({"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]});
    let limited = json!({"type": "object", "properties": {"age": {"minimum": 0}}, "required": ["age"]});
    let written = |schema: &Value, strict: Option<bool>, tools: bool| {
        let mut output = OutputSchema::new(schema.clone());
        output.strict = strict;
        let tools = tools.then(|| Tool::new("f", ""));
        let (_, _, body) = encoded(&Cohere, BASE, "m", &Request::prompt("hi").output(output).tools(tools));
        let told = body["messages"][0]["role"] == "system";
        (body["response_format"].clone(), told)
    };
    let native = |schema: &Value| (json!({"type": "json_object", "json_schema": schema}), false);
    assert_eq!(written(&person, None, false), native(&person));
    assert_eq!(written(&limited, Some(true), false), native(&limited));
    assert_eq!(written(&limited, None, false), (json!({"type": "json_object"}), true));
    assert_eq!(written(&json!({"type": "array"}), None, false), (Value::Null, true));
    assert_eq!(written(&person, Some(false), false), (Value::Null, true));
    assert_eq!(written(&person, Some(true), true), (Value::Null, true), "not beside tools");
}

#[test]
fn what_the_wire_cannot_say_is_refused() {
    let refused = |part: Part| {
        let request = Request::new(vec![Message::user("hi").with(part)]);
        let (extra, quirks) = (serde_json::Map::new(), &vendor("cohere").unwrap().quirks);
        let target = Target::new(BASE, "m", quirks, &extra);
        let error = Cohere.encode(&target, &request).unwrap_err();
        assert_eq!(error.code().as_str(), "INVALID_INPUT");
        error.message().to_owned()
    };
    assert!(refused(Part::file(Media::bytes("application/pdf", b"%PDF"), "a.pdf")).contains("no files"));
    assert!(refused(Part::image(Media::Uploaded { file_id: "1".into() })).contains("bytes"));
}

#[test]
fn probabilities_of_tokens_are_read_whole_or_streamed() {
    let probabilities = json!([{"token_ids": [1], "text": "Hi", "logprobs": [-0.5]},
                               {"token_ids": [2, 3], "text": " you", "logprobs": [-1, -2.5]}]);
    let body = json!({"id": "1", "message": {"content": [{"type": "text", "text": "Hi you"}]},
                      "finish_reason": "COMPLETE", "logprobs": probabilities});
    let got: Vec<_> =
        whole(&Cohere, &body).unwrap().logprobs.into_iter().map(|one| (one.token, one.logprob)).collect();
    assert_eq!(got, [("Hi".to_owned(), -0.5), (" you".to_owned(), -1.0), (String::new(), -2.5)]);
    let event = json!({"type": "content-delta", "index": 0, "logprobs": probabilities[0],
                       "delta": {"message": {"content": {"text": "Hi"}}}});
    let (reply, _) = streamed(&Cohere, [format!("data: {event}\n\n").as_bytes()]);
    assert_eq!(reply.logprobs[0].token, "Hi");
    let odd = json!({"message": {"content": []}, "finish_reason": "COMPLETE", "logprobs": "many"});
    assert!(whole(&Cohere, &odd).unwrap().logprobs.is_empty());
}
