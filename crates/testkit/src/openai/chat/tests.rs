use serde_json::{Value, json};

use super::{Chat, Event};
use crate::openai::Tokens;
use crate::reply::Reply;
use crate::request::Request;

fn tokens(reply: &Reply) -> Tokens {
    Tokens::of(reply, &Request::new(1, b"", br#"{"messages":"12345678"}"#), "12345")
}

fn stream(reply: &Reply, text: &str, usage: bool) -> Vec<Value> {
    let chat = Chat { number: 9, model: "m", reply };
    let mut out = Vec::new();
    let end = usage.then(|| Event::Usage(tokens(reply)));
    for event in chat.content(text).chain([Event::Finish]).chain(end).chain([Event::Done]) {
        chat.event(&mut out, &event, usage);
    }
    let text = String::from_utf8(out).unwrap();
    let (events, done) = text.trim_end().rsplit_once("\n\n").unwrap();
    assert_eq!(done, "data: [DONE]");
    events
        .split("\n\n")
        .map(|event| serde_json::from_str(event.strip_prefix("data: ").unwrap()).unwrap())
        .collect()
}

#[test]
fn a_completion_has_the_usual_shape() {
    let reply = Reply::text("hi").cached_tokens(1);
    let mut out = Vec::new();
    Chat { number: 9, model: "m", reply: &reply }.completion(&mut out, "hi", tokens(&reply));
    let body: Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(body["id"], "chatcmpl-testkit-9");
    assert_eq!(
        body["choices"],
        json!([{"index": 0, "message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"}])
    );
    let usage = json!({"prompt_tokens": 2, "completion_tokens": 2, "total_tokens": 4, "prompt_tokens_details": {"cached_tokens": 1}});
    assert_eq!(body["usage"], usage);
}

#[test]
fn tool_calls_come_whole_in_a_completion_and_in_fragments_in_a_stream() {
    let reply = Reply::tool_call("a", json!({"city": "Graz"})).and_tool_call("b", "");
    let mut out = Vec::new();
    Chat { number: 9, model: "m", reply: &reply }.completion(&mut out, "", tokens(&reply));
    let choice = serde_json::from_slice::<Value>(&out).unwrap()["choices"][0].take();
    assert_eq!(
        (&choice["message"]["content"], &choice["finish_reason"]),
        (&Value::Null, &json!("tool_calls"))
    );
    let call = json!({"id": "call_testkit_9_0", "type": "function", "function": {"name": "a", "arguments": "{\"city\":\"Graz\"}"}});
    assert_eq!(choice["message"]["tool_calls"][0], call);

    let events = stream(&reply, "", false);
    let deltas: Vec<&Value> = events.iter().map(|event| &event["choices"][0]["delta"]).collect();
    assert_eq!(deltas[0], &json!({"role": "assistant", "content": ""}));
    let open = json!({"index": 0, "id": "call_testkit_9_0", "type": "function", "function": {"name": "a", "arguments": ""}});
    assert_eq!(deltas[1], &json!({"tool_calls": [open]}));
    assert!(deltas[2]["tool_calls"][0].get("id").is_none());
    let arguments: String = deltas
        .iter()
        .filter(|delta| delta["tool_calls"][0]["index"] == 0)
        .map(|delta| delta["tool_calls"][0]["function"]["arguments"].as_str().unwrap())
        .collect();
    assert_eq!(arguments, r#"{"city":"Graz"}"#);
    assert_eq!(deltas.len(), 1 + (1 + 4) + 1 + 1);
    assert_eq!(events.last().unwrap()["choices"][0]["finish_reason"], "tool_calls");
}

#[test]
fn usage_is_null_in_every_event_but_the_last_where_asked_for_and_absent_where_not() {
    let reply = Reply::text("one two");
    let events = stream(&reply, "one two", true);
    let (last, rest) = events.split_last().unwrap();
    assert!(rest.iter().all(|event| event.get("usage") == Some(&Value::Null)));
    assert_eq!((&last["choices"], &last["usage"]["total_tokens"]), (&json!([]), &json!(4)));
    assert!(stream(&reply, "one two", false).iter().all(|event| event.get("usage").is_none()));
}

#[test]
fn the_text_of_a_stream_is_the_text_of_the_reply() {
    let reply = Reply::text("x").pieces(5);
    let said: String = stream(&reply, "grüße an \"alle\"\n", false)
        .iter()
        .filter_map(|event| event["choices"][0]["delta"]["content"].as_str().map(String::from))
        .collect();
    assert_eq!(said, "grüße an \"alle\"\n");
}
