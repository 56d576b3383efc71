use graphbit_core::ErrorCode;
use graphbit_testkit::{Reply, Script, Server};
use serde_json::json;

use super::*;
use crate::{Policies, Price, Pricing, Request, complete};

fn config(url: &str, policies: &serde_json::Value) -> Config {
    let policies = Policies::from_options(policies.as_object().unwrap()).unwrap();
    Config::new("openai").unwrap().base_url(url).max_retries(0).policies(policies)
}

async fn ask(config: &Arc<Config>) -> Result<String> {
    // Each call has connections of its own, as on a runtime of its own.
    let model = connect(config, &Connections::default())?;
    Ok(complete(&*model, Request::prompt("x")).await?.text)
}

#[tokio::test]
async fn all_policies_together_answer_and_share_their_state_over_connections_and_clones() {
    let server = Server::start(Script::default()).await.unwrap();
    let policies = json!({
        "maxConcurrency": 2, "rateLimit": { "requestsPerMinute": 1, "maxWaitMs": 0 }, "circuitBreaker": {},
        "cache": {}, "totalTimeoutMs": 60000, "retryBudgetMs": 60000, "trace": true,
    });
    let first = Arc::new(config(&server.base_url(), &policies).max_retries(2));
    assert_eq!(ask(&first).await.unwrap(), "echo: x");
    let clone = Arc::new(Config::clone(&first));
    assert_eq!(ask(&clone).await.unwrap(), "echo: x", "from the cache");
    assert_eq!(server.stats().requests, 1);
    first.policies_in_force().replies.as_ref().unwrap().clear();
    let error = ask(&clone).await.unwrap_err();
    assert_eq!(
        (error.code(), server.stats().requests),
        (ErrorCode::RateLimited, 1),
        "the minute's call is used up"
    );
}

#[tokio::test]
async fn a_circuit_that_one_runtime_opens_is_open_for_all_and_falls_back() {
    let down = Server::start(Script::default().otherwise(Reply::status(503))).await.unwrap();
    let spare = Server::start(Script::default()).await.unwrap();
    let broken = config(&down.base_url(), &json!({ "circuitBreaker": { "failures": 2 } }));
    let broken = Arc::new(broken.fallback(vec![Arc::new(config(&spare.base_url(), &json!({})))]));
    for _ in 0..5 {
        assert_eq!(ask(&broken).await.unwrap(), "echo: x");
    }
    assert_eq!((down.stats().requests, spare.stats().requests), (2, 5));
}

#[tokio::test]
async fn the_errors_that_fall_back_can_be_chosen() {
    let refusing = Server::start(Script::default().otherwise(Reply::status(401))).await.unwrap();
    let spare = Server::start(Script::default()).await.unwrap();
    let others = vec![Arc::new(config(&spare.base_url(), &json!({})))];
    let first = config(&refusing.base_url(), &json!({})).fallback(others);
    let error = ask(&Arc::new(first.clone())).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Auth, "a wrong key is its owner's to see");
    let chosen = Arc::new(first.fallback_on([ErrorCode::Auth]));
    assert_eq!(ask(&chosen).await.unwrap(), "echo: x");
}

#[tokio::test]
async fn prices_hold_for_the_models_behind_unless_they_have_their_own() {
    let down = Server::start(Script::default().otherwise(Reply::status(503))).await.unwrap();
    let spare = Server::start(Script::default()).await.unwrap();
    let prices = |amount: f64| {
        let price = Price { request: Some(amount), ..Price::default() };
        Pricing::new([("*", price)]).unwrap()
    };
    let cost = async |behind: Config| {
        let first = config(&down.base_url(), &json!({})).pricing(prices(1.0));
        let model = connect(&Arc::new(first.fallback(vec![Arc::new(behind)])), &Connections::default());
        complete(&*model.unwrap(), Request::prompt("x")).await.unwrap().usage.unwrap().cost
    };
    assert_eq!(cost(config(&spare.base_url(), &json!({}))).await, Some(1.0));
    assert_eq!(cost(config(&spare.base_url(), &json!({})).pricing(prices(2.0))).await, Some(2.0));
}

#[tokio::test]
async fn what_the_server_says_it_has_left_is_learnt() {
    let reply = Reply::echo()
        .header("x-ratelimit-limit-requests", "10")
        .header("x-ratelimit-remaining-requests", "0")
        .header("x-ratelimit-reset-requests", "10m0s");
    let server = Server::start(Script::default().otherwise(reply)).await.unwrap();
    let config = Arc::new(config(&server.base_url(), &json!({ "rateLimit": { "maxWaitMs": 1000 } })));
    ask(&config).await.unwrap();
    let error = ask(&config).await.unwrap_err();
    assert_eq!(
        (error.code(), error.retry_after().map(|wait| wait.as_secs() / 10)),
        (ErrorCode::RateLimited, Some(5))
    );
    assert_eq!(server.stats().requests, 1);
}

#[tokio::test]
async fn a_policy_that_allows_nothing_is_refused() {
    let policies = Policies { total_timeout: Some(std::time::Duration::ZERO), ..Policies::default() };
    let config = Arc::new(Config::new("openai").unwrap().base_url("http://unit.test").policies(policies));
    let error = connect(&config, &Connections::default()).err().unwrap();
    assert!(error.message().contains("totalTimeoutMs"), "{error}");
}

#[test]
fn a_server_is_named_with_its_port() {
    let server = |url: &str| server(&Config::new("openai").unwrap().base_url(url));
    assert_eq!(server("http://models.lan:8080/v1"), Some(("models.lan".into(), 8080)));
    assert_eq!(server("https://models.lan/v1"), Some(("models.lan".into(), 443)));
    assert_eq!(server("http://models.lan"), Some(("models.lan".into(), 80)));
}
