use std::time::Duration;

use serde_json::{Value, json};

use super::{BadForm, Form};
use crate::reply::{Content, Fault, Reply};

fn reply(form: Value) -> Result<Reply, BadForm> {
    serde_json::from_value::<Form>(form).map_err(|error| BadForm::new(&error))?.reply()
}

#[test]
fn every_key_reaches_the_reply() {
    let made = reply(json!({
        "text": "t", "tool_calls": [{"name": "a", "arguments": {"x": 1}}, {"name": "b"}], "status": 201,
        "headers": {"x-a": "1"}, "retry_after": 1.5, "retry_after_ms": 20, "prompt_tokens": 1, "completion_tokens": 2,
        "cached_tokens": 3, "finish_reason": "length", "latency_ms": 1.5, "slow_headers_ms": 2, "pieces": 4,
        "piece_delay_ms": 3, "chunked": true, "fault": "drip", "drip_ms": 9, "cut_after": 5,
    }))
    .unwrap();
    assert!(matches!(&made.content, Content::Text(text) if &**text == "t"));
    assert_eq!(made.tool_calls.iter().map(|call| &*call.arguments).collect::<Vec<_>>(), [r#"{"x":1}"#, "{}"]);
    let headers: Vec<(&str, &str)> = made.headers.iter().map(|(name, value)| (&**name, &**value)).collect();
    assert_eq!(headers, [("x-a", "1"), ("retry-after", "1.5"), ("retry-after-ms", "20")]);
    assert_eq!(
        (made.status, made.pieces, made.chunked, made.finish_reason.as_deref()),
        (201, Some(4), true, Some("length"))
    );
    assert_eq!((made.usage.prompt, made.usage.completion, made.usage.cached), (Some(1), Some(2), Some(3)));
    assert_eq!(made.latency, Duration::from_micros(1500));
    assert_eq!((made.slow_headers, made.piece_delay), (Duration::from_millis(2), Duration::from_millis(3)));
    assert!(matches!(made.fault, Fault::Drip(every) if every == Duration::from_millis(9)));
    assert!(made.cutoff.is_some_and(|cutoff| cutoff.after == 5 && !cutoff.reset));
}

#[test]
fn a_form_laid_over_a_reply_changes_only_what_it_names() {
    let over = |form: Value| {
        serde_json::from_value::<Form>(form).unwrap().over(Reply::text("kept").pieces(3)).unwrap()
    };
    let slower = over(json!({"latency_ms": 5}));
    assert!(matches!(&slower.content, Content::Text(text) if &**text == "kept"));
    assert_eq!(slower.pieces, Some(3));
    assert!(matches!(over(json!({"status": 429})).content, Content::Status));
    assert!(matches!(over(json!({"status": 429, "html": "<p>"})).content, Content::Verbatim { .. }));
}

#[test]
fn contradictions_and_nonsense_are_refused() {
    for form in [
        json!({"text": "a", "echo": true}),
        json!({"arguments": {}}),
        json!({"drip_ms": 5}),
        json!({"latency_ms": -1}),
        json!({"fault": "sleepy"}),
        json!({"latencyms": 1}),
    ] {
        assert!(reply(form.clone()).is_err(), "{form}");
    }
}
