use serde_json::json;

use super::{Content, Reply};
use crate::request::Request;

#[test]
fn the_same_prompt_always_gets_the_same_of_several_texts() {
    let reply = Reply::one_of(["a", "b", "c", "d"]);
    let said = |prompt: &str| {
        let body = json!({"messages": [{"role": "user", "content": prompt}]}).to_string();
        reply.says(&Request::new(1, b"POST / HTTP/1.1\r\n\r\n", body.as_bytes())).into_owned()
    };
    let all: std::collections::BTreeSet<String> = (0..50).map(|n| said(&n.to_string())).collect();
    assert_eq!(all.len(), 4);
    assert_eq!(said("x"), said("x"));
    assert_eq!(Reply::one_of([""; 0]).says(&Request::new(1, b"", b"")), "");
}

#[test]
fn a_filled_reply_has_exactly_its_bytes() {
    for bytes in [0, 1, 70, 71, 4096] {
        let Content::Text(text) = Reply::filled(bytes).content else { panic!("not text") };
        assert_eq!(text.len(), bytes);
    }
}

#[test]
fn tool_arguments_may_be_json_or_text() {
    let reply = Reply::tool_call("a", json!({"x": 1})).and_tool_call("b", "{broken");
    let calls: Vec<(&str, &str)> =
        reply.tool_calls.iter().map(|call| (&*call.name, &*call.arguments)).collect();
    assert_eq!(calls, [("a", r#"{"x":1}"#), ("b", "{broken")]);
}
