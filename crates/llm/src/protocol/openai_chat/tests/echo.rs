//! What of a reply is sent back, and how likely its tokens were.

use serde_json::{Value, json};

use super::{OpenAiChat, encoded, streamed};
use crate::message::Signature;
use crate::protocol::replayed::{self, recorded};
use crate::{Message, Part, Request, Response, Tool};

/// The reply as the vendor gets it back, with a result for each of its calls.
fn echoed(name: &str, reply: &Response) -> Value {
    let mut request = Request::new(vec![Message::user("hi"), reply.message()]).tools([Tool::new("f", "")]);
    for call in &reply.tool_calls {
        request.messages.push(Message::tool_result(call.id.clone().unwrap_or_default(), "", "done"));
    }
    request.settle("").unwrap();
    encoded(name, None, "m", &request).1["messages"][1].clone()
}

fn whole(turn: &Value) -> Response {
    replayed::whole(&OpenAiChat, &json!({"choices": [{"message": turn, "finish_reason": "stop"}]})).unwrap()
}

fn in_pieces(turns: &[Value]) -> Result<Response, graphbit_core::Error> {
    let chunk = |delta: &Value| format!("data: {}\n\n", json!({"choices": [{"delta": delta}]}));
    let end = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\ndata: [DONE]\n\n";
    let stream = turns.iter().map(chunk).chain([end.to_owned()]).collect::<String>();
    let (reply, end) = streamed(&[stream.as_bytes()]);
    end.map(|()| reply)
}

fn calls() -> Value {
    json!([{"index": 0, "id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}])
}

#[test]
fn thinking_goes_back_as_text_beside_calls_where_that_is_wanted() {
    let reply = whole(&json!({"content": "", "reasoning_content": "Hm.", "tool_calls": calls()}));
    for name in ["deepseek", "moonshot", "zai"] {
        assert_eq!(echoed(name, &reply)["reasoning_content"], "Hm.", "{name}");
    }
    let plain = whole(&json!({"content": "", "tool_calls": calls()}));
    assert_eq!(echoed("deepseek", &plain)["reasoning_content"], "", "it must be there");
    let answer = whole(&json!({"content": "Yes.", "reasoning_content": "Hm."}));
    assert_eq!(echoed("deepseek", &answer), json!({"role": "assistant", "content": "Yes."}));
    assert_eq!(echoed("xai", &answer), json!({"role": "assistant", "content": "Yes."}));
    let mut other = reply.message();
    for part in &mut other.content {
        if let Part::Reasoning { signature, .. } = part {
            *signature = Some(Signature::new("elsewhere", "x"));
        }
    }
    let request = Request::new(vec![Message::user("hi"), other]);
    assert_eq!(encoded("zai", None, "m", &request).1["messages"][1]["reasoning_content"], "");
}

#[test]
fn reasoning_details_go_back_as_they_came_whole_or_in_pieces() {
    let details = json!([
        {"type": "reasoning.text", "text": "First, then.", "format": "f", "index": 0, "signature": "s1"},
        {"type": "reasoning.encrypted", "data": "c1", "format": "f", "index": 1, "id": "r"},
    ]);
    let reply = whole(&json!({"content": "Ok.", "reasoning_details": details, "tool_calls": calls()}));
    assert_eq!(reply.reasoning, "First, then.");
    for name in ["openrouter", "minimax", "snowflake"] {
        assert_eq!(echoed(name, &reply)["reasoning_details"], details, "{name}");
    }
    assert_eq!(echoed("openai", &reply).get("reasoning_details"), None);
    let text = |text: &str| json!([{"type": "reasoning.text", "text": text, "format": "f", "index": 0}]);
    let reply = in_pieces(&[
        json!({"reasoning": "First,", "reasoning_details": text("First,")}),
        json!({"reasoning": " then.", "reasoning_details": text(" then.")}),
        json!({"content": "Ok.", "reasoning_details": []}),
        json!({"reasoning_details": [{"type": "reasoning.text", "signature": "s1", "index": 0}]}),
        json!({"tool_calls": calls(), "reasoning_details": [details[1]]}),
    ])
    .unwrap();
    assert_eq!(reply.reasoning, "First, then.");
    assert_eq!(echoed("openrouter", &reply)["reasoning_details"], details);
}

#[test]
fn behind_a_signature_begins_another_piece_of_thinking() {
    let piece = |text: &str, mark: &str| json!({"reasoning_details": [{"type": "reasoning.text", "text": text, "signature": mark}]});
    let reply = in_pieces(&[piece("a", ""), piece("b", "s1"), piece("c", "s2")]).unwrap();
    let back = echoed("openrouter", &reply)["reasoning_details"].clone();
    let texts = back.as_array().unwrap().iter().map(|item| (&item["text"], &item["signature"]));
    assert_eq!(texts.collect::<Vec<_>>(), [(&json!("ab"), &json!("s1")), (&json!("c"), &json!("s2"))]);
}

#[test]
fn reasoning_details_without_end_are_an_error() {
    let piece = json!({"reasoning_details": [{"type": "reasoning.text", "text": "x".repeat(1 << 18)}]});
    let error = in_pieces(&vec![piece; 17]).unwrap_err();
    assert_eq!(error.code().as_str(), "PROTOCOL");
    let many: Vec<Value> = (0..1100).map(|at| json!({"reasoning_details": [{"index": at}]})).collect();
    assert_eq!(in_pieces(&many).unwrap_err().code().as_str(), "PROTOCOL");
}

#[test]
fn recorded_reasoning_details_go_back_as_they_came() {
    let mut found = 0;
    for case in recorded("chat").iter().filter(|case| !case.streaming && case.http_status < 400) {
        let Ok(body) = serde_json::from_slice::<Value>(&case.response) else { continue };
        let details = &body["choices"][0]["message"]["reasoning_details"];
        if details.as_array().is_some_and(|details| !details.is_empty()) {
            let (events, _) = crate::protocol::decode_reply(&OpenAiChat, &case.response);
            let back = echoed("openrouter", &replayed::fold(events));
            assert_eq!(&back["reasoning_details"], details, "{}", case.case);
            found += 1;
        }
    }
    assert!(recorded("chat").is_empty() || found > 12, "{found}");
}

#[test]
fn mistrals_thinking_goes_back_as_a_part_before_the_text() {
    let thinking = json!({"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]});
    let content = json!([thinking, {"type": "text", "text": "Yes."}]);
    let reply = whole(&json!({"content": content}));
    assert_eq!(echoed("mistral", &reply), json!({"role": "assistant", "content": content}));
    assert_eq!(echoed("groq", &reply), json!({"role": "assistant", "content": "Yes."}));
}

#[test]
fn googles_marks_on_calls_go_back_to_google_alone() {
    let mark = json!({"google": {"thought_signature": "c2ln"}});
    let call =
        json!({"index": 0, "id": "a", "function": {"name": "f", "arguments": "{}"}, "extra_content": mark});
    let turn = json!({"tool_calls": [call]});
    for reply in [whole(&turn), in_pieces(&[turn]).unwrap()] {
        assert_eq!(echoed("gemini-openai", &reply)["tool_calls"][0]["extra_content"], mark);
        assert_eq!(echoed("openai", &reply)["tool_calls"][0].get("extra_content"), None);
    }
}

#[test]
fn probabilities_are_read_whole_and_in_pieces() {
    let likely = json!({"token": "a", "logprob": -0.5, "top_logprobs": [
        {"token": "a", "logprob": -0.5}, {"token": "b", "logprob": -1}, {"logprob": -1}]});
    let logprobs = json!({"content": [likely, {"token": "c"}, 5, {"token": "d", "logprob": 0}]});
    let choice = |name: &str, logprobs: &Value| json!({"choices": [{name: {"content": "ad"}, "logprobs": logprobs, "finish_reason": "stop"}]});
    let unary = replayed::whole(&OpenAiChat, &choice("message", &logprobs)).unwrap();
    let (stream, _) = streamed(&[format!("data: {}\n\n", choice("delta", &logprobs)).as_bytes()]);
    for reply in [unary, stream] {
        let read: Vec<_> = reply.logprobs.iter().map(|one| (&*one.token, one.logprob)).collect();
        assert_eq!(read, [("a", -0.5), ("d", 0.0)]);
        assert_eq!(reply.logprobs[0].top, [("a".to_owned(), -0.5), ("b".to_owned(), -1.0)]);
    }
    for odd in [json!(-0.1), Value::Null, json!({"content": null, "tokens": []})] {
        let reply = replayed::whole(&OpenAiChat, &choice("message", &odd)).unwrap();
        assert!(reply.logprobs.is_empty() && reply.text == "ad", "{odd}");
    }
}

#[test]
fn recorded_probabilities_are_all_read() {
    let mut found = 0;
    for case in recorded("chat").iter().filter(|case| case.http_status < 400) {
        let text = String::from_utf8_lossy(&case.response);
        let bodies: Vec<&str> = if case.streaming {
            text.lines().filter_map(|line| line.strip_prefix("data:")).collect()
        } else {
            vec![&text]
        };
        let listed = bodies.iter().filter_map(|body| serde_json::from_str::<Value>(body).ok());
        let wanted: usize = listed
            .filter_map(|body| body["choices"][0]["logprobs"]["content"].as_array().map(Vec::len))
            .sum();
        let reply = if case.streaming {
            streamed(&[&case.response]).0
        } else {
            replayed::fold(crate::protocol::decode_reply(&OpenAiChat, &case.response).0)
        };
        assert_eq!(reply.logprobs.len(), wanted, "{}", case.case);
        found += usize::from(wanted > 0);
    }
    assert!(recorded("chat").is_empty() || found > 6, "{found}");
}
