use serde_json::json;

use super::{Rule, Script};
use crate::reply::Reply;
use crate::request::Request;

fn says(script: &Script, number: u64, messages: &[(&str, &str)]) -> String {
    let messages: Vec<_> =
        messages.iter().map(|(role, content)| json!({"role": role, "content": content})).collect();
    let body = json!({ "messages": messages }).to_string();
    let request = Request::new(number, b"POST /v1/chat/completions HTTP/1.1\r\n\r\n", body.as_bytes());
    script.reply(&request).says(&request).into_owned()
}

#[test]
fn the_first_rule_that_fits_answers_and_the_default_the_rest() {
    let script = Script::default()
        .when_contains("a", Reply::text("A"))
        .when_nth(2, Reply::text("second"))
        .when(|request| request.prompt() == "z", Reply::text("Z"));
    assert_eq!(says(&script, 2, &[("user", "a")]), "A");
    assert_eq!(says(&script, 2, &[("user", "b")]), "second");
    assert_eq!(says(&script, 3, &[("user", "z")]), "Z");
    assert_eq!(says(&script, 3, &[("user", "b")]), "echo: b");
}

#[test]
fn conditions_of_one_rule_all_hold_and_times_are_only_used_up_then() {
    let script = Script::default()
        .rule(Rule::new(Reply::text("once")).contains("a").last_role("tool").times(1))
        .otherwise(Reply::text("else"));
    assert_eq!(says(&script, 1, &[("user", "a")]), "else");
    assert_eq!(says(&script, 2, &[("user", "a"), ("tool", "1")]), "once");
    assert_eq!(says(&script, 3, &[("user", "a"), ("tool", "1")]), "else");
    script.rewind();
    assert_eq!(says(&script, 4, &[("user", "a"), ("tool", "1")]), "once");
}

#[test]
fn the_json_form_gives_the_same_rules() {
    let script = Script::from_json(
        r#"{"rules": [{"contains": "a", "times": 1, "reply": {"text": "A"}}, {"last_role": "tool", "reply": {"text": "T"}}],
            "default": {"text": "D"}}"#,
    )
    .unwrap();
    assert_eq!(says(&script, 1, &[("user", "a")]), "A");
    assert_eq!(says(&script, 2, &[("user", "a")]), "D");
    assert_eq!(says(&script, 3, &[("user", "a"), ("tool", "x")]), "T");
    assert_eq!(says(&Script::from_json("{}").unwrap(), 1, &[("user", "x")]), "echo: x");
}

#[test]
fn an_unknown_key_is_named() {
    for text in [
        r#"{"rulez": []}"#,
        r#"{"rules": [{"reply": {"txt": "A"}}]}"#,
        r#"{"rules": [{"contain": "a", "reply": {}}]}"#,
    ] {
        let message = Script::from_json(text).unwrap_err().to_string();
        assert!(message.contains("unknown field"), "{message}");
    }
}

#[test]
fn the_demo_tells_its_three_agents_and_the_batch_apart() {
    let script = Script::demo().unwrap();
    let research = says(&script, 1, &[("user", "Research: bees")]);
    let write = says(&script, 2, &[("user", &format!("Write: an article from {research}"))]);
    let edit = says(&script, 3, &[("user", &format!("Edit: {write}"))]);
    let line = says(&script, 4, &[("user", "Summarise: the tide")]);
    assert!(research != write && write != edit && edit != line && !line.is_empty());
    for said in [&research, &write, &edit] {
        assert!(!["Research:", "Write:", "Edit:", "Summarise:"].iter().any(|mark| said.contains(mark)));
    }
}
