//! A reply, taken as a turn of the conversation, goes back as the vendor demands it.

use serde_json::{Value, json};

use super::{fold, recorded, replayed, stream};
use crate::protocol::anthropic::Anthropic;
use crate::protocol::decode_whole;
use crate::{Message, Request, Response};

/// The assistant's turn and the one after it, as they are sent after a reply whose calls were answered.
fn sent_back(reply: &Response) -> (Value, Value) {
    let mut request = Request::new(vec![Message::user("Go."), reply.message()]);
    for call in &reply.tool_calls {
        request.messages.push(Message::tool_result(call.id.clone().unwrap(), &call.name, "done"));
    }
    request.messages.push(Message::user("And?"));
    request.settle("").unwrap();
    let (_, _, mut body) = replayed::encoded(&Anthropic, "http://h", "claude-sonnet-5", &request);
    (body["messages"][1]["content"].take(), body["messages"][2]["content"].take())
}

fn content() -> Value {
    json!([
        {"type": "thinking", "thinking": "First.", "signature": "c2ln"},
        {"type": "redacted_thinking", "data": "Y2lwaGVy"},
        {"type": "thinking", "thinking": "", "signature": "aGlkZGVu"},
        {"type": "text", "text": "I look."},
        {"type": "tool_use", "id": "toolu_a", "name": "look", "input": {"at": "it"}},
        {"type": "tool_use", "id": "toolu_b", "name": "now", "input": {}},
    ])
}

#[test]
fn thinking_and_calls_go_back_exactly_and_the_results_follow() {
    let body = json!({"content": content(), "stop_reason": "tool_use"}).to_string();
    let (turn, next) = sent_back(&fold(decode_whole(&Anthropic, body.as_bytes()).unwrap()));
    assert_eq!(turn, content());
    assert_eq!(
        next,
        json!([
            {"type": "tool_result", "tool_use_id": "toolu_a", "content": "done"},
            {"type": "tool_result", "tool_use_id": "toolu_b", "content": "done"},
            {"type": "text", "text": "And?"},
        ])
    );
}

#[test]
fn what_came_piece_by_piece_goes_back_as_the_same() {
    let mut events = Vec::new();
    for (index, mut block) in content().as_array().unwrap().clone().into_iter().enumerate() {
        let mut deltas = Vec::new();
        let mut later = |member: &str, kind: &str, pieces: &[String]| {
            for piece in pieces {
                let mut delta = json!({"type": kind});
                delta[if kind == "input_json_delta" { "partial_json" } else { member }] = json!(piece);
                deltas.push(json!({"type": "content_block_delta", "index": index, "delta": delta}));
            }
        };
        let halves = |text: &str| [text[..text.len() / 2].to_owned(), text[text.len() / 2..].to_owned()];
        match block["type"].as_str().unwrap() {
            "thinking" => {
                later("thinking", "thinking_delta", &halves(block["thinking"].as_str().unwrap()));
                later("signature", "signature_delta", &[block["signature"].as_str().unwrap().to_owned()]);
                (block["thinking"], block["signature"]) = ("".into(), "".into());
            }
            "text" => {
                later("text", "text_delta", &halves(block["text"].as_str().unwrap()));
                block["text"] = "".into();
            }
            "tool_use" => {
                later("input", "input_json_delta", &halves(&block["input"].to_string()));
                block["input"] = json!({});
            }
            _ => {}
        }
        events.push(json!({"type": "content_block_start", "index": index, "content_block": block}));
        events.append(&mut deltas);
        events.push(json!({"type": "content_block_stop", "index": index}));
    }
    events.push(json!({"type": "message_delta", "delta": {"stop_reason": "tool_use"}}));
    events.push(json!({"type": "message_stop"}));
    let (reply, end) = stream(&events);
    end.unwrap();
    assert_eq!(sent_back(&reply).0, content());
}

#[test]
fn recorded_replies_go_back_as_they_came() {
    let mut same = 0;
    let whole = recorded().into_iter().filter(|case| !case.streaming && case.http_status == 200);
    for case in whole {
        let reply: Value = serde_json::from_slice(&case.response).unwrap();
        let mut blocks = reply["content"].as_array().unwrap().clone();
        for block in &mut blocks {
            block.as_object_mut().unwrap().retain(|name, value| !value.is_null() && name != "caller");
        }
        let known = |block: &Value| {
            matches!(block["type"].as_str(), Some("text" | "thinking" | "redacted_thinking" | "tool_use"))
        };
        if blocks.is_empty() || !blocks.iter().all(known) {
            continue; // the server's own tools
        }
        let came = match blocks.as_slice() {
            [text] if text["type"] == "text" => text["text"].clone(),
            _ => Value::Array(blocks),
        };
        let (turn, _) = sent_back(&fold(decode_whole(&Anthropic, &case.response).unwrap()));
        assert_eq!(turn, came, "{}", replayed::label(case));
        same += 1;
    }
    assert!(recorded().is_empty() || same >= 30, "{same}");
}
