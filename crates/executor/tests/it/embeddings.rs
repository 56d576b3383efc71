//! Texts in, vectors out.

use std::sync::Arc;
use std::time::Duration;

use graphbit_core::ErrorCode;
use graphbit_executor::{Caller, Profile};
use graphbit_llm::{Config, EmbedRequest, Model};
use graphbit_testkit::{Reply, Rule, Script, Server};

use crate::support::{Told, config, until};

fn caller(config: Config) -> Caller {
    Caller::new(config.max_retries(0), Profile::low_latency())
}

#[tokio::test]
async fn every_wire_embeds_a_text_as_the_same_vector() {
    let server = Server::start(Script::default()).await.unwrap();
    let origin = server.base_url().trim_end_matches("/v1").to_owned();
    let base = |path: &str| format!("{origin}{path}");
    let request = || EmbedRequest::new(["a", "b", "c"]).dimensions(5);
    let want = caller(config(&server)).embed(request()).await.unwrap();
    assert_eq!((want.len(), want.dimensions), (3, 5));
    for (vendor, path) in [("gemini", "/v1beta"), ("cohere", ""), ("ollama", ""), ("mistral", "/v1")] {
        let config = Config::new(vendor).unwrap().base_url(base(path)).model("some-embedder");
        let got = caller(config).embed(request()).await.unwrap();
        assert_eq!((&got.values, got.dimensions), (&want.values, 5), "{vendor}");
    }
}

#[tokio::test]
async fn a_call_of_many_requests_is_counted_once() {
    let server = Server::start(Script::default()).await.unwrap();
    let caller = caller(Config::new("alibaba").unwrap().base_url(server.base_url()));
    let texts: Vec<String> = (0..25).map(|number| format!("text {number:03}")).collect();
    let embeddings = caller.embed(EmbedRequest::new(texts)).await.unwrap();
    assert_eq!((embeddings.len(), server.stats().requests), (25, 3));
    let stats = caller.stats();
    assert_eq!((stats.total_requests, stats.successful_requests, stats.total_tokens), (1, 1, 50));
    assert_eq!(caller.embed(EmbedRequest::new([""])).await.unwrap_err().code(), ErrorCode::InvalidInput);
    assert_eq!(caller.stats().failed_requests, 1);
}

#[tokio::test]
async fn a_request_is_tried_again_as_the_configuration_says() {
    let refused = Rule::new(Reply::status(429).header("retry-after-ms", "1")).times(1);
    let server = Server::start(Script::default().rule(refused)).await.unwrap();
    let caller = Caller::new(config(&server).max_retries(1), Profile::low_latency());
    assert_eq!(caller.embed(EmbedRequest::new(["a"])).await.unwrap().len(), 1);
    assert_eq!(server.stats().requests, 2);
}

#[tokio::test]
async fn dropping_a_call_closes_its_connections() {
    let script = Script::default().otherwise(Reply::echo().latency(Duration::from_secs(60)));
    let server = Server::start(script).await.unwrap();
    let caller = caller(Config::new("alibaba").unwrap().base_url(server.base_url()));
    let call = tokio::spawn({
        let caller = caller.clone();
        async move { caller.embed(EmbedRequest::new(vec!["a"; 20])).await }
    });
    until("the requests arrive", || server.stats().in_flight == 2).await;
    call.abort();
    until("the connections close", || server.stats().closed_early == 2).await;
    until("the call is counted", || caller.stats().failed_requests == 1).await;
}

#[tokio::test]
async fn a_model_of_the_users_has_no_embeddings() {
    let model = Told::new(|prompt| async move { Ok(prompt) });
    let caller = Caller::new(model as Arc<dyn Model>, Profile::low_latency());
    assert_eq!(caller.embed(EmbedRequest::new(["a"])).await.unwrap_err().code(), ErrorCode::Config);
}
