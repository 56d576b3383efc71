use serde_json::{Value, json};

use super::*;

#[test]
fn a_text_is_a_string_in_json_and_parts_are_a_list() {
    let text: Message = serde_json::from_value(json!({ "role": "user", "content": "hi" })).unwrap();
    assert_eq!(text, Message::user("hi"));
    assert_eq!(serde_json::to_value(&text).unwrap(), json!({ "role": "user", "content": "hi" }));
    let parts = json!({ "role": "assistant", "content": [
        { "type": "reasoning", "text": "hm", "signature": { "wire": "w", "value": "v" } },
        { "type": "text", "text": "look" },
        { "type": "image", "mediaType": "image/png", "data": "AAAA", "detail": "low" },
        { "type": "file", "url": "https://example.com/a.pdf", "name": "a.pdf" },
        { "type": "tool_call", "id": "1", "name": "f", "arguments": "{}" },
    ] });
    let message: Message = serde_json::from_value(parts.clone()).unwrap();
    assert_eq!(serde_json::to_value(&message).unwrap(), parts);
}

#[test]
fn arguments_may_be_given_as_the_object_they_are() {
    let call: ToolCall = serde_json::from_value(json!({ "name": "f", "arguments": { "a": 1 } })).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&call.arguments).unwrap(), json!({ "a": 1 }));
}

#[test]
fn a_data_url_is_taken_for_its_bytes() {
    assert_eq!(
        Media::url("data:image/png;charset=x;base64,AAAA"),
        Media::Base64 { media_type: "image/png".into(), data: "AAAA".into() }
    );
    assert!(matches!(Media::url("data:text/plain,hello"), Media::Url { .. }));
}

#[test]
fn media_that_nobody_could_read_are_refused() {
    let bytes =
        |media_type: &str, data: &str| Media::Base64 { media_type: media_type.into(), data: data.into() };
    assert!(Media::bytes("image/png", b"any bytes").check().is_ok());
    for bad in [
        bytes("png", "AAAA"),
        bytes("image/png", ""),
        bytes("image/png", "AAA"),
        bytes("image/png", "A==="),
        bytes("image/png", "A-_A"),
        Media::url("cat.png"),
    ] {
        assert!(bad.check().is_err(), "{bad:?}");
    }
}
