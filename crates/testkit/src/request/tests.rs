use serde_json::json;

use super::Request;

const HEAD: &[u8] = b"POST /v1/chat/completions?x=1 HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer k\r\n\r\n";

#[test]
fn reads_the_last_user_message_and_the_stream_options() {
    let body = json!({
        "model": "m", "temperature": 0.5, "stream": true, "stream_options": {"include_usage": true},
        "messages": [
            {"role": "system", "content": "be brief"},
            {"role": "user", "content": "first \u{e9}"},
            {"role": "assistant", "content": null, "tool_calls": [{"id": "1"}]},
            {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {}}, {"type": "text", "text": "b"}]},
            {"role": "tool", "tool_call_id": "1", "content": "42"},
        ]
    })
    .to_string();
    let request = Request::new(7, HEAD, body.as_bytes());
    assert_eq!((request.number(), request.method(), request.path()), (7, "POST", "/v1/chat/completions?x=1"));
    assert_eq!(request.header("authorization").as_deref(), Some("Bearer k"));
    assert_eq!(request.header("x-none"), None);
    assert_eq!((request.model(), request.prompt(), request.last_role()), ("m", "ab", "tool"));
    assert!(request.wants_stream() && request.wants_usage());
    assert_eq!(request.prompt_bytes(), 8 + 8 + 2 + 2);
}

#[test]
fn nulls_and_absent_fields_are_tolerated() {
    let request = Request::new(1, HEAD, br#"{"stream":null,"stream_options":null,"messages":null}"#);
    assert!(request.is_readable() && !request.wants_stream() && !request.wants_usage());
    assert_eq!((request.model(), request.prompt()), ("", ""));
}

#[test]
fn a_body_that_is_not_json_is_still_shown() {
    let request = Request::new(1, HEAD, b"hello");
    assert!(!request.is_readable());
    assert_eq!(request.json(), json!("hello"));
    assert_eq!(Request::new(1, HEAD, b"").json(), json!(null));
}

#[test]
fn the_input_of_an_embedding_is_its_prompt() {
    for (input, prompt) in
        [(json!("one"), "one"), (json!(["one", "two"]), "two"), (json!([1, 2]), ""), (json!([[1], [2]]), "")]
    {
        let body = json!({"model": "e", "input": input}).to_string();
        assert_eq!(Request::new(1, HEAD, body.as_bytes()).prompt(), prompt);
    }
}
