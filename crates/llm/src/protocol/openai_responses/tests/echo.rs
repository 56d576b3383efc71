//! What a vendor wants to have back: thinking as it came, each call by its id.

use graphbit_testkit::recorded::Recording;
use serde_json::{Map, Value, json};

use super::super::OpenAiResponses;
use super::{recorded, streamed};
use crate::protocol::replayed::{fold, is_truncated, label, whole};
use crate::protocol::{Protocol, Target, decode_whole};
use crate::vendor::vendor;
use crate::{Message, Part, Request, Response, Role, TokenLogprob, ToolResult};

/// What is sent after a reply, its calls answered.
fn next_input(reply: &Response) -> Value {
    let results = reply.tool_calls.iter().map(|call| {
        let result = ToolResult::new(&*call.name, vec![Part::text("done")]);
        Part::ToolResult(call.id.iter().fold(result, |result, id| result.with_id(id)))
    });
    let results = Message::new(Role::Tool, results.collect());
    let mut request = Request::new(vec![Message::user("go"), reply.message(), results]);
    request.settle("").unwrap();
    let (row, extra) = (vendor("openai").unwrap(), Map::new());
    let target = Target::new(row.base_url, "o3", &row.quirks, &extra);
    let encoded = OpenAiResponses.encode(&target, &request).unwrap();
    serde_json::from_slice::<Value>(encoded.body()).unwrap()["input"].take()
}

/// The items of a recorded reply, as they came.
fn items(case: &Recording) -> Vec<Value> {
    if !case.streaming {
        let body: Value = serde_json::from_slice(&case.response).unwrap();
        return body["output"].as_array().unwrap().clone();
    }
    let text = std::str::from_utf8(&case.response).unwrap();
    let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
    data.filter_map(|data| serde_json::from_str::<Value>(data).ok())
        .filter(|event| event["type"] == "response.output_item.done")
        .map(|mut event| event["item"].take())
        .collect()
}

#[test]
fn recorded_thinking_goes_back_as_it_came_before_its_calls() {
    let mut echoed = Vec::new();
    for case in recorded() {
        let is_whole = case.expected["error"].is_null() && !is_truncated(case);
        if !is_whole || case.expected["tool_calls"].as_array().is_none_or(Vec::is_empty) {
            continue;
        }
        let reply = if case.streaming {
            streamed(&[&case.response]).0
        } else {
            fold(decode_whole(&OpenAiResponses, &case.response).unwrap())
        };
        let items = items(case);
        if items.iter().any(|item| item["type"] == "custom_tool_call") {
            continue; // the vocabulary has functions alone
        }
        let came = items.into_iter().filter_map(|item| match item["type"].as_str()? {
            "reasoning" => {
                let shown = item["content"].as_array().is_some_and(|content| !content.is_empty());
                (shown || item["encrypted_content"].is_string()).then_some(item)
            }
            "function_call" => {
                let members = ["type", "call_id", "name", "arguments"];
                Some(members.iter().map(|name| ((*name).to_owned(), item[*name].clone())).collect())
            }
            _ => None,
        });
        let came: Vec<Value> = came.collect();
        let mut sent = next_input(&reply);
        let sent = sent.as_array_mut().unwrap();
        sent.retain(|item| item["type"] == "reasoning" || item["type"] == "function_call");
        assert_eq!(*sent, came, "{}", label(case));
        if came.iter().any(|item| item["type"] == "reasoning") {
            echoed.push(&case.provider);
        }
    }
    let count = echoed.len();
    echoed.dedup();
    assert!(count == 0 || (count >= 15 && echoed.len() >= 5), "{count}: {echoed:?}");
}

#[test]
fn hidden_thinking_goes_back_and_what_could_not_be_read_again_does_not() {
    let reasoning = |id: &str, cipher: Value| json!({"type": "reasoning", "id": id, "summary": [], "encrypted_content": cipher});
    let call = |id: &str| json!({"type": "function_call", "id": "fc", "call_id": id, "name": "f", "arguments": "{}", "status": "completed"});
    let output = json!([
        reasoning("rs_1", json!("cipher 1")),
        call("a"),
        reasoning("rs_2", Value::Null),
        reasoning("rs_3", json!("cipher 3")),
        call("b")
    ]);
    let reply = json!({"id": "r", "status": "completed", "output": output});
    let done = |index: usize| json!({"type": "response.output_item.done", "output_index": index, "item": output[index]});
    let events = (0..5).map(done).chain([json!({"type": "response.completed", "response": reply})]);
    let stream: String = events.map(|event| format!("data: {event}\n\n")).collect();
    let listed = format!("data: {}\n\n", json!({"type": "response.completed", "response": reply}));
    let replies = [
        whole(&OpenAiResponses, &reply).unwrap(),
        streamed(&[stream.as_bytes()]).0,
        streamed(&[listed.as_bytes()]).0,
    ];
    for reply in replies {
        assert_eq!(reply.reasoning, "");
        let input = next_input(&reply);
        let sent: Vec<&Value> = input.as_array().unwrap().iter().skip(1).collect();
        let said = |id: &str| json!({"type": "function_call", "call_id": id, "name": "f", "arguments": "{}"});
        let answer = |id: &str| json!({"type": "function_call_output", "call_id": id, "output": "done"});
        let wanted = [output[0].clone(), said("a"), output[3].clone(), said("b"), answer("a"), answer("b")];
        assert_eq!(sent, wanted.iter().collect::<Vec<_>>());
    }
}

#[test]
fn the_probabilities_of_tokens_are_told_once_whichever_way_they_come() {
    let token = |token: &str, logprob: f64| json!({"token": token, "logprob": logprob, "bytes": [72]});
    let mut hi = token("Hi", -0.25);
    hi["top_logprobs"] = json!([token("Hi", -0.25), token("Yo", -2.0)]);
    let text = json!({"type": "output_text", "text": "Hi!", "logprobs": [hi, token("!", -1.0)]});
    let message = json!({"type": "message", "content": [text]});
    let reply = json!({"id": "r", "status": "completed", "output": [message]});
    let delta = |text: &str, tokens: Value| json!({"type": "response.output_text.delta", "output_index": 0, "delta": text, "logprobs": tokens});
    let events = [
        delta("Hi", json!([hi])),
        delta("!", json!([token("!", -1.0)])),
        delta("", json!([])),
        json!({"type": "response.output_item.done", "output_index": 0, "item": message}),
        json!({"type": "response.completed", "response": reply}),
    ];
    let stream: String = events.iter().map(|event| format!("data: {event}\n\n")).collect();
    let wanted = [
        TokenLogprob {
            token: "Hi".into(),
            logprob: -0.25,
            top: vec![("Hi".into(), -0.25), ("Yo".into(), -2.0)],
        },
        TokenLogprob { token: "!".into(), logprob: -1.0, top: vec![] },
    ];
    for reply in [whole(&OpenAiResponses, &reply).unwrap(), streamed(&[stream.as_bytes()]).0] {
        assert_eq!((reply.text.as_str(), &reply.logprobs[..]), ("Hi!", &wanted[..]));
    }
    let spoilt = json!({"type": "output_text", "text": "Hi", "logprobs": [{"token": 5}, {"logprob": "x"}]});
    let reply = json!({"status": "completed", "output": [{"type": "message", "content": [spoilt]}]});
    let reply = whole(&OpenAiResponses, &reply).unwrap();
    assert_eq!((reply.text.as_str(), reply.logprobs.len()), ("Hi", 0));
}
