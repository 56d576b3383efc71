use std::sync::{Arc, Mutex};

use futures_util::stream;
use graphbit_core::ErrorCode;
use serde_json::json;

use super::*;
use crate::{FinishReason, MockModel, PartKind, Usage};

type Asked = Arc<Mutex<Vec<Request>>>;

/// A model that gives these texts in turn.
fn model(texts: Vec<&'static str>) -> (MockModel, Asked) {
    let (asked, texts) = (Asked::default(), Mutex::new(texts.into_iter()));
    let seen = Arc::clone(&asked);
    let mut model = MockModel::new();
    model.expect_stream().returning(move |request| {
        seen.lock().unwrap().push(request);
        let text = texts.lock().unwrap().next().expect("asked too often");
        Ok(Box::pin(stream::iter(reply(text, FinishReason::Stop).map(Ok))))
    });
    (model, asked)
}

fn reply(text: &str, reason: FinishReason) -> impl Iterator<Item = Event> + use<> {
    let mut usage = Usage::default();
    (usage.input, usage.output) = (Some(10), Some(3));
    [
        Event::PartStarted { part: 0, kind: PartKind::Text },
        Event::Delta { part: 0, text: text.to_owned() },
        Event::PartFinished { part: 0 },
        Event::Usage(usage),
        Event::Finished { reason, raw: "stop".into() },
    ]
    .into_iter()
}

fn request() -> Request {
    let schema =
        json!({ "type": "object", "properties": { "age": { "type": "integer" } }, "required": ["age"] });
    Request::prompt("How old?").output(OutputSchema::new(schema))
}

#[tokio::test]
async fn a_reply_that_fits_is_given_without_its_fence() {
    for text in ["{\"age\": 7}", " \n{\"age\": 7}\n", "```json\n{\"age\": 7}\n```", "```\n{\"age\": 7}```"] {
        let (model, asked) = model(vec![text]);
        let reply = crate::complete(&model, request()).await.unwrap();
        assert_eq!((reply.text.as_str(), asked.lock().unwrap().len()), ("{\"age\": 7}", 1));
        assert_eq!(reply.message().texts().collect::<String>(), "{\"age\": 7}");
    }
}

#[tokio::test]
async fn a_reply_that_fits_is_given_without_the_words_around_it() {
    for text in [
        "Here it is:\n```json\n{\"age\": 7}\n```\nAnything else?",
        "Sure! {\"age\": 7} is the answer.",
        "{\"age\": 7}\n\nThe age is seven.",
        "```json{\"age\": 7}```",
        "```json\n{\"age\": 7}",
    ] {
        let (model, asked) = model(vec![text]);
        let reply = crate::complete(&model, request()).await.unwrap();
        assert_eq!((reply.text.as_str(), asked.lock().unwrap().len()), ("{\"age\": 7}", 1), "{text}");
    }
    let flag = || Request::prompt("?").output(OutputSchema::new(json!({ "type": "boolean" })));
    for text in ["true", "```\ntrue\n```", "```json\ntrue\n```"] {
        let (model, _) = model(vec![text]);
        assert_eq!(crate::complete(&model, flag()).await.unwrap().text, "true", "{text}");
    }
}

#[tokio::test]
async fn one_that_does_not_fit_is_repaired_once_and_both_are_counted() {
    let (model, asked) = model(vec!["{\"age\": \"seven\"}", "{\"age\": 7}"]);
    let reply = crate::complete(&model, request()).await.unwrap();
    assert_eq!(reply.text, "{\"age\": 7}");
    let usage = reply.usage.unwrap();
    assert_eq!((usage.input, usage.output), (Some(20), Some(6)));
    let asked = asked.lock().unwrap();
    let repair: Vec<String> = asked[1].messages.iter().map(|message| message.texts().collect()).collect();
    assert_eq!(repair[1], "{\"age\": \"seven\"}");
    assert!(repair[2].contains("/age: ") && repair[2].contains("integer"), "{}", repair[2]);
}

#[tokio::test]
async fn a_second_failure_is_told_with_what_was_wrong() {
    let (model, asked) = model(vec!["seven", "{}"]);
    let error = crate::complete(&model, request()).await.unwrap_err();
    assert_eq!((error.code(), asked.lock().unwrap().len()), (ErrorCode::Output, 2));
    assert!(error.message().contains("\"age\" is a required property"), "{error}");
    assert_eq!(error.partial().unwrap().output_tokens, Some(6));
}

#[tokio::test]
async fn a_reply_that_was_cut_or_calls_tools_is_not_repaired() {
    for reason in [FinishReason::Length, FinishReason::ToolCalls, FinishReason::ContentFilter] {
        let mut model = MockModel::new();
        model
            .expect_stream()
            .times(1)
            .returning(move |_| Ok(Box::pin(stream::iter(reply("{\"a", reason).map(Ok)))));
        assert_eq!(crate::complete(&model, request()).await.unwrap().text, "{\"a");
    }
}

#[tokio::test]
async fn a_stream_is_checked_at_its_end() {
    let events =
        |text: &str| -> EventStream { Box::pin(stream::iter(reply(text, FinishReason::Stop).map(Ok))) };
    let output = request().output.unwrap();
    let good: Vec<_> = super::stream(events("{\"age\": 7}"), &output).unwrap().collect().await;
    assert!(good.iter().all(Result::is_ok) && good.len() == 5);
    let bad: Vec<_> = super::stream(events("{\"age\": \"x\"}"), &output).unwrap().collect().await;
    assert_eq!(bad.last().unwrap().as_ref().unwrap_err().code(), ErrorCode::Output);
    assert!(bad[..4].iter().all(Result::is_ok));
}

#[tokio::test]
async fn a_schema_that_is_none_is_told_before_anything_is_sent() {
    let request = Request::prompt("hi").output(OutputSchema::new(json!({ "type": "strng" })));
    let error = crate::complete(&MockModel::new(), request).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidInput);
    assert!(error.message().starts_with("the schema of output cannot be used: "), "{error}");
}
