//! What a reply must get back with the next turn, and what else rides on its parts.

use super::*;
use crate::{Part, Role, ToolResult};

const BASE: &str = "https://generativelanguage.googleapis.com/v1beta";

/// The model's turn of a reply as the next request says it, with an answer to each call after it.
fn echoed(model: &str, reply: &Response) -> Value {
    let mut request = Request::new(vec![Message::user("go"), reply.message()]);
    for call in &reply.tool_calls {
        let mut result = ToolResult::new(call.name.clone(), vec![Part::text("done")]);
        result.id = call.id.clone();
        request.messages.push(Message::new(Role::Tool, vec![Part::ToolResult(result)]));
    }
    let body = sent(&to("gemini", BASE, model), &request).unwrap().into_body();
    let answers = body["contents"][2]["parts"].as_array().map_or(0, Vec::len);
    assert_eq!(answers, reply.tool_calls.len(), "{body}");
    body["contents"][1]["parts"].clone()
}

fn reply(parts: &Value) -> Value {
    json!({"candidates": [{"content": {"parts": parts}, "finishReason": "STOP"}]})
}

#[test]
fn signatures_go_back_on_the_parts_they_came_on() {
    let call = |name: &str| json!({"functionCall": {"name": name, "args": {"a": 1}}});
    let signed = |mut part: Value, value: &str| {
        part["thoughtSignature"] = value.into();
        part
    };
    for (came, back) in [
        (
            json!([{"text": "Hm.", "thought": true}, signed(call("f"), "s1"), call("g")]),
            json!([signed(call("f"), "s1"), call("g")]),
        ),
        (
            json!([{"text": "Hel"}, {"text": "lo"}, {"text": "", "thoughtSignature": "s2"}]),
            json!([{"text": "Hello"}, {"text": "", "thoughtSignature": "s2"}]),
        ),
        (
            json!([{"text": "a", "thoughtSignature": "s3"}, {"text": "b"}, {"text": "c", "thoughtSignature": "s4"}]),
            json!([{"text": "a", "thoughtSignature": "s3"}, {"text": "b"}, {"text": "c", "thoughtSignature": "s4"}]),
        ),
        (
            json!([{"text": "", "thoughtSignature": "s5"}, call("f")]),
            json!([{"text": "", "thoughtSignature": "s5"}, call("f")]),
        ),
        (
            json!([{"text": "Hm.", "thought": true, "thoughtSignature": "s6"}, {"text": "a"}]),
            json!([{"text": "Hm.", "thought": true, "thoughtSignature": "s6"}, {"text": "a"}]),
        ),
        (
            json!([{"executableCode": {"code": "1"}, "thoughtSignature": "s7"}, {"text": "a"}]),
            json!([{"text": "a"}]),
        ),
    ] {
        let unary = whole(reply(&came).to_string().as_bytes()).unwrap();
        assert_eq!(echoed("gemini-2.5-flash", &unary), back);
        let mut body = String::new();
        for part in came.as_array().unwrap() {
            body += &format!("data: {}\r\n\r\n", json!({"candidates": [{"content": {"parts": [part]}}]}));
        }
        body += "data: {\"candidates\": [{\"finishReason\": \"STOP\"}]}\r\n\r\n";
        let (streamed, end) = streamed([body.as_bytes()]);
        end.unwrap();
        assert_eq!(echoed("gemini-2.5-flash", &streamed), back);
    }
}

#[test]
fn recorded_calls_go_back_with_their_signatures() {
    let mut signed = 0;
    for case in recordings().iter().filter(|case| case.http_status == 200) {
        let (response, _) = if case.streaming {
            streamed([&case.response[..]])
        } else {
            (whole(&case.response).unwrap_or_default(), Ok(()))
        };
        let Some(first) = response.tool_calls.first() else { continue };
        // A signature, by which the vendor knows its own call; else the word that there is none.
        let model =
            response.model.clone().filter(|model| model.contains("gemini")).unwrap_or("gemini-3".into());
        let came = String::from_utf8_lossy(&case.response);
        let parts = echoed(&model, &response);
        let call = parts.as_array().unwrap().iter().find(|part| part.get("functionCall").is_some()).unwrap();
        assert_eq!(call["functionCall"]["name"], first.name.as_str(), "{}", case.case);
        if let Some(back) = call["thoughtSignature"].as_str().filter(|back| !back.starts_with("c2tpcF")) {
            signed += 1;
            assert!(came.contains(back), "{}", case.case);
        }
        assert!(!came.contains("thoughtSignature") || call["thoughtSignature"].is_string(), "{}", case.case);
    }
    assert!(signed > 12 || fixtures_dir().is_none(), "{signed}");
}

#[test]
fn probabilities_are_read_whole_or_in_pieces() {
    let likely = |token: &str, number: Value| json!({"token": token, "tokenId": 7, "logProbability": number});
    let result = json!({
        "chosenCandidates": [likely("Hel", json!(-0.25)), likely("?", json!("none")), likely("lo", json!(0))],
        "topCandidates": [
            {"candidates": [likely("Hel", json!(-0.25)), likely("Hey", json!(-1.5)), 7]}, {}, {"candidates": null},
        ],
    });
    let body = json!({"candidates": [{"content": {"parts": [{"text": "Hello"}]}, "logprobsResult": result,
                                      "finishReason": "STOP"}]});
    let unary = whole(body.to_string().as_bytes()).unwrap();
    let got = serde_json::to_value(&unary.logprobs).unwrap();
    assert_eq!(
        got,
        json!([{"token": "Hel", "logprob": -0.25, "top": [["Hel", -0.25], ["Hey", -1.5]]}, {"token": "lo", "logprob": 0.0}])
    );
    let (streamed, end) = streamed([format!("data: {body}\r\n\r\n").as_bytes()]);
    end.unwrap();
    assert_eq!(streamed.logprobs, unary.logprobs);
    let odd = json!({"candidates": [{"logprobsResult": [1], "finishReason": "STOP"}]});
    assert!(whole(odd.to_string().as_bytes()).unwrap().logprobs.is_empty());
}
