//! What one call keeps while it waits for its reply.

use std::sync::Arc;
use std::time::Duration;

use graphbit_llm::layer::{Retry, Timeout, connect};
use graphbit_llm::{Client, Config, Connections, Model, Policies, Request, complete};

use crate::server::Remote;
use crate::support::{alone, live, runtime};

const CALLS: usize = 500;

/// Live bytes per call with 500 of them waiting for a server that never answers.
fn per_call<F: Future<Output = ()> + Send + 'static>(call: impl Fn() -> F) -> u64 {
    runtime().block_on(async {
        // What is made once is not counted.
        let warm = tokio::spawn(call());
        tokio::time::sleep(Duration::from_millis(50)).await;
        let before = live();
        let calls: Vec<_> = (0..CALLS).map(|_| tokio::spawn(call())).collect();
        let mut last = 0;
        while live() != last {
            last = live();
            tokio::time::sleep(Duration::from_millis(80)).await;
        }
        assert!(calls.iter().chain([&warm]).all(|call| !call.is_finished()));
        let bytes = (live() - before) / CALLS as u64;
        calls.iter().chain([&warm]).for_each(|call| call.abort());
        bytes
    })
}

#[test]
fn a_waiting_call_keeps_little_more_than_its_connection() {
    let _alone = alone();
    let remote = Remote::start();
    let url = remote.url("fault=never");
    let config = Arc::new(Config::new("openai").unwrap().base_url(url.as_str()));

    for prompt_bytes in [100, 20_000] {
        let prompt: Arc<str> = "x".repeat(prompt_bytes).into();
        let bare = per_call({
            let http =
                reqwest::Client::builder().tls_backend_preconfigured(no_tls()).http1_only().build().unwrap();
            let (url, prompt) = (format!("{url}/chat/completions"), Arc::clone(&prompt));
            move || {
                let body = format!(
                    "{{\"model\":\"m\",\"messages\":[{{\"role\":\"user\",\"content\":\"{prompt}\"}}]}}"
                );
                let call =
                    http.post(url.as_str()).header("content-type", "application/json").body(body).send();
                async move { drop(call.await) }
            }
        });
        let ask = |within: fn(Arc<dyn Model>) -> Arc<dyn Model>, streamed: bool| {
            let connections = Connections::default();
            let client = Client::new(Arc::clone(&config), connections.get(&config).unwrap());
            let (model, prompt) = (within(Arc::new(client)), Arc::clone(&prompt));
            per_call(move || {
                let (model, mut request) = (Arc::clone(&model), Request::prompt(&*prompt));
                request.streamed = streamed;
                async move { drop(complete(&*model, request).await) }
            })
        };
        let (ours, streamed) = (ask(|client| client, false), ask(|client| client, true));
        let timed = ask(|client| Arc::new(Timeout::new(client, Duration::from_secs(3600)).unwrap()), false);
        let retrying = ask(|client| Arc::new(Retry::new(client, 2)), false);
        println!(
            "a waiting call with a prompt of {prompt_bytes} bytes keeps: reqwest {bare}, Client {ours}, streamed {streamed}, Timeout {timed}, Retry {retrying}"
        );
        let prompt = prompt_bytes as u64;
        assert!(bare > 10_000, "{bare}");
        assert!(ours < 3_000, "no prompt is kept once it is sent, and no request: {ours}");
        assert!(streamed < 3_000, "{streamed}");
        assert!(timed < 3_500, "{timed}");
        assert!(retrying < 5_000 + prompt, "the prompt is kept once, not twice: {retrying}");
    }
}

#[test]
fn a_call_that_waits_for_its_turn_keeps_its_request_and_little_more() {
    let _alone = alone();
    let remote = Remote::start();
    let waiting = |options: serde_json::Value| {
        let policies = Policies::from_options(options.as_object().unwrap()).unwrap();
        let config = Config::new("openai").unwrap().base_url(remote.url("fault=never")).policies(policies);
        let config = Arc::new(config);
        let model = connect(&config, &Connections::default()).unwrap();
        let prompt: Arc<str> = "x".repeat(10_000).into();
        per_call(move || {
            let (model, request) = (Arc::clone(&model), Request::prompt(&*prompt));
            async move { drop(complete(&*model, request).await) }
        })
    };
    let place = waiting(serde_json::json!({ "maxConcurrency": 1 }));
    let minute = waiting(serde_json::json!({ "rateLimit": { "requestsPerMinute": 1, "maxWaitMs": 1e9 } }));
    let all = waiting(serde_json::json!({
        "maxConcurrency": 1, "rateLimit": { "requestsPerMinute": 1, "maxWaitMs": 1e9 }, "circuitBreaker": {},
        "cache": {}, "totalTimeoutMs": 1e9, "retryBudgetMs": 1e9, "trace": true,
    }));
    println!(
        "a call with a prompt of 10000 bytes that waits its turn keeps: for a place {place}, for the minute {minute}, with all layers {all}"
    );
    for bytes in [place, minute, all] {
        assert!(bytes < 10_000 + 6_000, "{bytes}");
    }
}

fn no_tls() -> rustls::ClientConfig {
    rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth()
}

#[test]
fn plain_urls_cost_no_certificates() {
    let _alone = alone();
    let connections = Connections::default();
    let open = |url: &str| {
        let config = Config::new("openai").unwrap().base_url(url);
        let (before, start) = (live(), std::time::Instant::now());
        let _pool = connections.get(&config).unwrap();
        (live() - before, start.elapsed())
    };
    drop(Connections::default().get(&Config::new("openai").unwrap().base_url("http://a/v1")));
    let (plain, secure) = (open("http://a/v1"), open("https://a/v1"));
    println!(
        "a pool for http: {} bytes in {:?}; for https: {} bytes in {:?}",
        plain.0, plain.1, secure.0, secure.1
    );
    assert!(plain.0 < 32_000, "{}", plain.0);
    assert!(secure.0 > plain.0);
}
