//! Many prompts at once.

use std::num::NonZeroUsize;
use std::time::Duration;

use graphbit_core::ErrorCode;
use graphbit_executor::{BatchOptions, Caller, Profile};
use graphbit_llm::Request;
use graphbit_testkit::{Reply, Script, Server};

use crate::support::config;

fn prompts(count: usize) -> Vec<Request> {
    (0..count).map(|index| Request::prompt(format!("prompt {index}."))).collect()
}

fn options(max_concurrency: usize, memory_limit: Option<usize>) -> BatchOptions {
    let mut options = BatchOptions::default();
    options.max_concurrency = NonZeroUsize::new(max_concurrency).unwrap();
    options.memory_limit = memory_limit;
    options
}

async fn caller(script: Script) -> (Server, Caller) {
    let server = Server::start(script).await.unwrap();
    let caller = Caller::new(config(&server).max_retries(0), Profile::low_latency());
    (server, caller)
}

#[tokio::test]
async fn results_are_in_the_order_of_the_prompts_and_few_are_asked_at_once() {
    // The first answers last.
    let script = Script::default()
        .when_contains("prompt 0.", Reply::echo().latency(Duration::from_millis(120)))
        .otherwise(Reply::echo().latency(Duration::from_millis(15)));
    let (server, caller) = caller(script).await;
    let results = caller.batch(prompts(20), options(4, None)).await.unwrap();
    let texts: Vec<_> = results.into_iter().map(|result| result.unwrap().text).collect();
    let expected: Vec<_> = (0..20).map(|index| format!("echo: prompt {index}.")).collect();
    assert_eq!(texts, expected);
    assert_eq!((server.stats().peak_in_flight, server.stats().requests), (4, 20));
    assert_eq!(caller.stats().successful_requests, 20);
}

#[tokio::test]
async fn a_failed_prompt_wastes_no_other() {
    let (_server, caller) = caller(Script::default().when_contains("prompt 3.", Reply::status(400))).await;
    let results = caller.batch(prompts(8), BatchOptions::default()).await.unwrap();
    let failed: Vec<_> = results.iter().map(Result::is_err).collect();
    assert_eq!(failed, [false, false, false, true, false, false, false, false]);
    assert_eq!(results[3].as_ref().unwrap_err().code(), ErrorCode::Rejected);
}

#[tokio::test]
async fn replies_beyond_the_memory_limit_fail_and_no_more_is_asked() {
    let (server, caller) = caller(Script::default().otherwise(Reply::filled(1_000))).await;
    let results = caller.batch(prompts(10), options(1, Some(3_500))).await.unwrap();
    let codes: Vec<_> =
        results.iter().map(|result| result.as_ref().err().map(graphbit_core::Error::code)).collect();
    assert_eq!(codes[..3], [None, None, None]);
    assert!(codes[3..].iter().all(|code| *code == Some(ErrorCode::Memory)), "{codes:?}");
    assert_eq!(server.stats().requests, 4, "three fit, the fourth did not, the others were not asked");
}

#[tokio::test]
async fn a_reply_under_way_is_kept_where_it_fits() {
    let script = Script::default()
        .when_contains("prompt 0.", Reply::filled(5_000))
        .otherwise(Reply::filled(100).latency(Duration::from_millis(60)));
    let (_server, caller) = caller(script).await;
    let results = caller.batch(prompts(4), options(2, Some(1_000))).await.unwrap();
    let failed: Vec<_> = results.iter().map(Result::is_err).collect();
    assert_eq!(failed, [true, false, true, true]);
}

#[tokio::test]
async fn an_empty_batch_has_no_results() {
    let (server, caller) = caller(Script::default()).await;
    assert!(caller.batch(Vec::new(), BatchOptions::default()).await.unwrap().is_empty());
    assert_eq!(server.stats().connections_opened, 0);
}
