use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::*;

/// A folder of recordings, removed when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("replay-{name}-{}", std::process::id()));
        fs::create_dir_all(dir.join("unit")).unwrap();
        Self(dir)
    }

    /// Adds a case of the dialect `chat` unless the description says otherwise.
    fn add(&self, case: &str, description: &Value, body: &str) {
        let mut meta = json!({
            "provider": "unit", "dialect": "chat", "case": case, "streaming": true, "http_status": 200,
            "files": {"request": null, "response": format!("{case}.stream.txt")},
        });
        meta.as_object_mut().unwrap().extend(description.as_object().unwrap().clone());
        fs::write(self.0.join(format!("unit/{case}.meta.json")), meta.to_string()).unwrap();
        fs::write(self.0.join(format!("unit/{case}.stream.txt")), body).unwrap();
    }

    fn outcomes(&self) -> Vec<(String, Value, Vec<String>)> {
        let all = Recordings::open(&self.0).unwrap();
        let read = |case: std::io::Result<Recording>| {
            let case = case.unwrap();
            let outcome = Outcome::of(&case, wires::wire(&case.dialect).unwrap().protocol());
            let differences = compare::compare(&case.expected, case.http_status, &outcome);
            (name(&case, &self.0), line::line("c", &outcome), differences)
        };
        all.iter().map(read).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const CALL: &str = r#"data: {"choices":[{"delta":{"content":"a","tool_calls":[{"index":0,"id":"i","function":{"name":"f","arguments":"{\"x\":"}}]}}]}"#;

#[test]
fn a_stream_that_was_cut_off_has_its_text_and_an_error() {
    let folder = Folder::new("cut");
    let calls = json!([{"id": "i", "name": "f", "arguments_raw": "{\"x\":"}]);
    folder.add(
        "a",
        &json!({"expected": {"text": "a", "tool_calls": calls, "truncated": true}}),
        &format!("{CALL}\n\n"),
    );
    let outcomes = folder.outcomes();
    let (name, line, differences) = &outcomes[0];
    assert_eq!((name.as_str(), differences.as_slice()), ("unit/a", [].as_slice()));
    assert_eq!(line["text"], "a");
    assert_eq!(line["finish"], Value::Null);
    assert_eq!(line["tool_calls"], json!([{"id": "i", "name": "f", "arguments": "{\"x\":"}]));
    assert_eq!(line["error"]["code"], "TRUNCATED");
}

/// The line of a case, and what differs from what it expects.
fn one(name: &str, description: &Value, body: &str) -> (Value, Vec<String>) {
    let folder = Folder::new(name);
    folder.add("a", description, body);
    let (_, line, differences) = folder.outcomes().remove(0);
    (line, differences)
}

#[test]
fn arguments_that_were_cut_off_are_told_as_they_came() {
    let body = CALL.replace("\\\"x\\\":", "\\\"x\\\": ");
    let (line, _) = one("raw", &json!({}), &format!("{body}\n\n"));
    assert_eq!(line["tool_calls"][0]["arguments"], "{\"x\": ");
}

#[test]
fn calls_that_a_provider_made_itself_stand_where_the_recordings_have_them() {
    let call = json!({"id": "s", "name": "web_search", "arguments": {"q": 1}});
    let block = json!({"type": "server_tool_use", "id": "s", "name": "web_search", "input": {"q": 1}});
    let body = json!({"type": "message", "content": [block], "stop_reason": "end_turn"}).to_string();
    let served = json!([{"id": "s", "name": "web_search", "input": {"q": 1}}]);
    let expected = json!({"finish_unified": "stop", "tool_calls": [], "server_tool_calls": served});
    let description = json!({"dialect": "anthropic", "streaming": false, "expected": expected});
    let (line, differences) = one("served", &description, &body);
    assert_eq!((&line["tool_calls"], differences.as_slice()), (&json!([]), [].as_slice()));

    let block = json!({"toolUse": {"toolUseId": "s", "name": "web_search", "type": "server_tool_use", "input": {"q": 1}}});
    let body = json!({"output": {"message": {"content": [block]}}, "stopReason": "end_turn"}).to_string();
    let (line, _) = one("served-too", &json!({"dialect": "converse", "streaming": false}), &body);
    assert_eq!((&line["tool_calls"], &line["finish"]), (&json!([call]), &json!("tool_calls")));
}

#[test]
fn of_a_cut_reply_of_items_only_the_text_is_told_before_an_item_is_done() {
    let event = |kind: &str, mut event: Value| {
        event["type"] = format!("response.{kind}").into();
        format!("data: {event}\n\n")
    };
    let item = |index: u64, item: Value| json!({"output_index": index, "item": item});
    let call = json!({"type": "function_call", "call_id": "c", "name": "f", "arguments": ""});
    let mut body = event("created", json!({"response": {"id": "r", "status": "in_progress"}}));
    body += &event("output_item.added", item(0, json!({"type": "reasoning"})));
    body += &event("reasoning_summary_text.delta", json!({"output_index": 0, "delta": "hm"}));
    let begun = body.clone() + &event("output_item.added", item(1, call.clone()));
    let done = body
        + &event("output_item.done", item(0, json!({"type": "reasoning"})))
        + &event("output_item.done", item(1, call))
        + &event("output_text.delta", json!({"output_index": 2, "delta": "a"}));
    let dialect = json!({"dialect": "responses"});
    let told = |name: &str, body: &str| {
        let line = one(name, &dialect, body).0;
        (line["text"].clone(), line["reasoning"].clone(), line["tool_calls"].clone(), line["finish"].clone())
    };
    assert_eq!(told("begun", &begun[..begun.len() - 1]).2, json!([]));
    let calls = json!([{"id": "c", "name": "f", "arguments": {}}]);
    assert_eq!(told("done", &done), (json!("a"), json!("hm"), calls, json!("other")));
}

#[test]
fn why_a_prompt_was_blocked_and_what_was_inferred_are_no_ends_of_turns() {
    let gemini = json!({"dialect": "gemini", "streaming": false});
    let finish = |name: &str, body: Value| one(name, &gemini, &body.to_string()).0["finish"].clone();
    assert_eq!(finish("blocked", json!({"promptFeedback": {"blockReason": "SAFETY"}})), Value::Null);
    let candidate = |reason: Value| json!({"candidates": [{"content": {"parts": [{"text": "a"}]}, "finishReason": reason}]});
    assert_eq!(finish("filtered", candidate(json!("SAFETY"))), "content_filter");
    assert_eq!(finish("untold", candidate(Value::Null)), Value::Null);
}

#[test]
fn an_error_reply_says_its_code_and_its_advice() {
    let folder = Folder::new("error");
    let error = json!({"class_suggested": "rate_limit", "retryable_suggested": true});
    let description = json!({
        "streaming": false, "http_status": 429, "headers": {"retry-after": "2"},
        "expected": {"error": error, "retry_after_ms": 2000},
    });
    folder.add("a", &description, "{}");
    let (_, line, differences) = folder.outcomes().remove(0);
    assert_eq!(differences, Vec::<String>::new());
    assert_eq!(
        line["error"],
        json!({"code": "RATE_LIMITED", "status": 429, "retryable": true, "retry_after_ms": 2000})
    );
}

#[test]
fn what_differs_is_named() {
    let folder = Folder::new("differs");
    let body = "data: {\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":3}}\n\n";
    let expected = json!({"text": "b", "finish_unified": "length", "usage": {"input": 4}, "error": {"class_suggested": "server"}});
    folder.add("a", &json!({"expected": expected}), body);
    let (_, _, differences) = folder.outcomes().remove(0);
    let fields: Vec<&str> = differences.iter().filter_map(|one| Some(one.split_once(':')?.0)).collect();
    assert_eq!(fields, ["text", "finish", "usage.input", "error"]);
    assert!(!replay(&folder.0, true).unwrap());
}

#[test]
fn dialects_without_a_protocol_are_skipped_and_count_neither_way() {
    let folder = Folder::new("skipped");
    folder.add("a", &json!({"dialect": "telepathy", "expected": {}}), "");
    assert!(replay(&folder.0, false).unwrap());
    assert!(wires::wire("replicate").is_none() && wires::wire("cohere1").is_none());
}

#[test]
fn a_case_without_an_expectation_is_only_cut_and_one_that_cannot_be_read_disagrees() {
    let folder = Folder::new("untold");
    folder.add("a", &json!({}), "data: [DONE]\n\n");
    assert!(replay(&folder.0, true).unwrap());
    folder.add("b", &json!({"files": {"response": "nowhere"}}), "");
    assert!(!replay(&folder.0, true).unwrap());
}

#[test]
fn ninety_nine_of_a_hundred_are_enough() {
    let mut tally = Tally::default();
    (0..99).for_each(|_| tally.replayed("chat", "c", &[]));
    tally.replayed("chat", "c", &["text".to_owned()]);
    assert!(tally.is_good());
    tally.replayed("chat", "c", &["text".to_owned()]);
    assert!(!tally.is_good());
    assert!(tally.to_string().contains("disagrees c: text"));
}
