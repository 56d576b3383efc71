use std::time::Duration;

use serde_json::json;

use super::slug::slug;
use super::{Agent, Node, RetryPolicy};

#[test]
fn ids_are_made_from_names() {
    assert_eq!(slug("Draft writer!", "agent"), "draft-writer");
    assert_eq!(slug("  a.b {c}  ", "agent"), "a-b-c");
    assert_eq!(slug("Straße 日本", "agent"), "straße-日本");
    assert_eq!(slug("keep_this", "agent"), "keep_this");
    assert_eq!(slug("?!", "join"), "join");
}

#[test]
fn json_leaves_out_what_is_not_set() {
    let node = Node::agent("A", "p");
    let value = serde_json::to_value(&node).unwrap();
    assert_eq!(value, json!({ "id": "a", "name": "A", "kind": { "agent": { "prompt": "p" } } }));
    assert_eq!(
        serde_json::to_value(Node::join("J")).unwrap(),
        json!({ "id": "j", "name": "J", "kind": "join" })
    );
}

#[test]
fn json_uses_camel_case_and_milliseconds() {
    let agent = Agent::new("p").with_system_prompt("s").with_temperature(0.7).with_max_tokens(9);
    let node = Node::new("A", agent)
        .with_timeout(Duration::from_micros(1_500))
        .with_retry(RetryPolicy::new(1).with_delays(Duration::from_millis(5), Duration::from_secs(1)));
    assert_eq!(
        serde_json::to_value(&node).unwrap(),
        json!({
            "id": "a",
            "name": "A",
            "kind": { "agent": { "prompt": "p", "systemPrompt": "s", "temperature": 0.7, "maxTokens": 9 } },
            "timeoutMs": 2,
            "retry": { "maxRetries": 1, "initialDelayMs": 5, "maxDelayMs": 1000 },
        })
    );
}

#[test]
fn retry_settings_that_are_absent_take_their_defaults() {
    let retry: RetryPolicy = serde_json::from_value(json!({ "maxRetries": 5 })).unwrap();
    assert_eq!(retry, RetryPolicy::new(5));
}

#[test]
fn delays_double_up_to_the_longest() {
    let retry = RetryPolicy::new(9).with_delays(Duration::from_millis(100), Duration::from_millis(350));
    let delays: Vec<u128> = [1, 2, 3, 4, 33, u32::MAX].iter().map(|&n| retry.delay(n).as_millis()).collect();
    assert_eq!(delays, [100, 200, 350, 350, 350, 350]);
}
