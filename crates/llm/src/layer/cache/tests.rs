use std::time::Duration;

use futures_util::StreamExt;
use graphbit_core::Error;
use tokio::time::advance;

use super::*;
use crate::layer::scripted::{Outcome, answer, broken, called, finished, model, named, unavailable};
use crate::{Event, FinishReason, Message, PartKind, Request, complete};

fn options(max_bytes: usize, max_entries: usize, ttl_s: Option<u64>) -> CacheOptions {
    CacheOptions { max_bytes, max_entries, ttl: ttl_s.map(Duration::from_secs) }
}

/// A cached model that counts its calls and answers with the last message.
fn echo(options: CacheOptions) -> (Cache, Replies, crate::layer::scripted::Calls) {
    let replies = Replies::new(options).unwrap();
    let (model, calls) = named("echo", |request| {
        let said: String = request.messages.last().unwrap().texts().collect();
        Ok(Box::pin(futures_util::stream::iter(answer(&said))))
    });
    (Cache::new(model, replies.clone()), replies, calls)
}

async fn ask(cache: &Cache, text: &str) -> String {
    complete(cache, Request::prompt(text)).await.unwrap().text
}

#[tokio::test]
async fn a_hit_gives_the_same_reply_and_asks_nobody() {
    let (cache, replies, calls) = echo(CacheOptions::default());
    let first = complete(&cache, Request::prompt("one two three")).await.unwrap();
    let second = complete(&cache, Request::prompt("one two three")).await.unwrap();
    assert_eq!((second.text.as_str(), calls.count()), ("one two three", 1));
    assert_eq!((second.id, second.usage, second.finish_reason), (first.id, first.usage, first.finish_reason));
    assert!(replies.len() == 1 && replies.bytes() > "one two three".len());
    let events: Vec<_> = cache.stream(Request::prompt("one two three")).await.unwrap().collect().await;
    let deltas = events.iter().filter(|event| matches!(event, Ok(Event::Delta { .. }))).count();
    assert_eq!(deltas, 1, "a part in one piece");
    replies.clear();
    assert!(replies.is_empty() && replies.bytes() == 0);
}

#[tokio::test]
async fn probabilities_of_tokens_are_kept_together_however_they_came() {
    let token = |text: &str| crate::TokenLogprob { token: text.into(), logprob: -0.5, top: vec![] };
    let mut events = answer("a b ");
    events.insert(4, Ok(Event::Logprobs(vec![token("b ")])));
    events.insert(3, Ok(Event::Logprobs(vec![token("a ")])));
    let (model, _) = model(vec![Ok(events)]);
    let cache = Cache::new(model, Replies::new(CacheOptions::default()).unwrap());
    let first = complete(&cache, Request::prompt("x")).await.unwrap();
    let second = complete(&cache, Request::prompt("x")).await.unwrap();
    assert_eq!((&first.text, &first.logprobs), (&second.text, &second.logprobs));
    assert_eq!(second.logprobs, [token("a "), token("b ")]);
}

#[tokio::test]
async fn every_part_of_a_request_tells_it_from_another() {
    let (cache, _, calls) = echo(CacheOptions::default());
    let base = || Request::prompt("x");
    let mut asked: Vec<Request> = vec![base(), base().streamed(), base().system("s")];
    let mut other = base();
    other.model = Some("m".into());
    asked.push(other);
    let mut other = base();
    other.settings.temperature = Some(0.5);
    asked.push(other);
    let mut other = base();
    other.extra.insert("user".into(), 1.into());
    asked.push(other);
    asked.push(Request::new(vec![Message::user("x"), Message::assistant("x")]));
    for _ in 0..2 {
        for request in &asked {
            complete(&cache, request.clone()).await.unwrap();
        }
    }
    assert_eq!(calls.count() as usize, asked.len());
}

#[tokio::test]
async fn only_whole_good_replies_are_kept() {
    let mut refusal = answer("no");
    refusal[1] = Ok(Event::PartStarted { part: 0, kind: PartKind::Refusal });
    let unkept: Vec<Outcome> = vec![
        Err(unavailable()),
        Ok(broken(Error::new(graphbit_core::ErrorCode::Truncated, "cut"))),
        Ok(finished("a", FinishReason::Length)),
        Ok(finished("a", FinishReason::ContentFilter)),
        Ok(finished("a", FinishReason::Other)),
        Ok(refusal),
    ];
    let count = unkept.len();
    let (model, calls) =
        model(unkept.into_iter().chain([Ok(finished("a", FinishReason::ToolCalls))]).collect());
    let replies = Replies::new(CacheOptions::default()).unwrap();
    let cache = Cache::new(model, replies.clone());
    for _ in 0..count {
        drop(complete(&cache, Request::prompt("x")).await);
        assert!(replies.is_empty());
    }
    ask(&cache, "x").await;
    ask(&cache, "x").await;
    assert_eq!((replies.len(), calls.count() as usize), (1, count + 1));
}

#[tokio::test]
async fn a_reply_that_is_dropped_half_read_is_not_kept() {
    let (cache, replies, _) = echo(CacheOptions::default());
    let mut events = cache.stream(Request::prompt("x")).await.unwrap();
    events.next().await.unwrap().unwrap();
    drop(events);
    assert!(replies.is_empty());
}

#[tokio::test]
async fn the_least_recently_used_go_first_and_the_bounds_hold() {
    let (cache, replies, calls) = echo(options(1 << 20, 2, None));
    for text in ["a", "b", "a", "c", "a"] {
        ask(&cache, text).await;
    }
    assert_eq!((replies.len(), calls.count()), (2, 3), "b went");
    let (cache, replies, _) = echo(options(6_000, 1000, None));
    for index in 0..50 {
        ask(&cache, &format!("{index} {}", "x".repeat(1_000))).await;
        assert!(replies.bytes() <= 6_000);
    }
    assert!((2..6).contains(&replies.len()), "{replies:?}");
    let kept = replies.len();
    ask(&cache, &"y".repeat(10_000)).await;
    assert_eq!(replies.len(), kept, "what is larger than all drives nothing out");
}

#[tokio::test(start_paused = true)]
async fn a_reply_is_good_for_its_time() {
    let (cache, replies, calls) = echo(options(1 << 20, 10, Some(60)));
    ask(&cache, "a").await;
    advance(Duration::from_secs(59)).await;
    ask(&cache, "a").await;
    assert_eq!(calls.count(), 1);
    advance(Duration::from_secs(1)).await;
    ask(&cache, "a").await;
    assert_eq!((calls.count(), replies.len()), (2, 1), "a hit does not make it young again");
}

#[test]
fn a_cache_that_keeps_nothing_is_refused_by_name() {
    for (options, name) in [
        (options(0, 1, None), "maxBytes"),
        (options(1, 0, None), "maxEntries"),
        (options(1, 1, Some(0)), "ttlMs"),
    ] {
        let error = Replies::new(options).unwrap_err();
        assert!(error.message().contains(&format!("cache.{name}")), "{error}");
    }
    let (model, _) = called(|| Err(unavailable()));
    assert_eq!(Cache::new(model, Replies::new(CacheOptions::default()).unwrap()).info().model, "unit");
}
