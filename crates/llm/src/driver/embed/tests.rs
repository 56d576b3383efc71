use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use graphbit_core::ErrorCode;
use serde_json::{Value, json};

use super::*;
use crate::transport::{Body, MockTransport, Transport};
use crate::vendor::vendor;
use crate::{Config, Limits, Price, Pricing};

/// Embeds texts that are numbers as vectors of them. A request that begins with 0 takes longest; `status` answers the text 100.
#[derive(Default)]
struct Numbers {
    status: Option<u16>,
    calls: AtomicUsize,
    at_once: AtomicUsize,
    most_at_once: AtomicUsize,
}

#[async_trait]
impl Transport for Numbers {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Body>> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let now = self.at_once.fetch_add(1, Ordering::Relaxed) + 1;
        self.most_at_once.fetch_max(now, Ordering::Relaxed);
        let body: Value = serde_json::from_slice(request.body()).unwrap();
        let texts: Vec<f32> = body["input"]
            .as_array()
            .unwrap()
            .iter()
            .map(|text| text.as_str().unwrap().parse().unwrap())
            .collect();
        tokio::time::sleep(Duration::from_millis(if texts[0] == 0.0 { 500 } else { 50 })).await;
        self.at_once.fetch_sub(1, Ordering::Relaxed);
        let refused = self.status.filter(|_| texts.contains(&100.0));
        let reply = match refused {
            Some(_) => json!({"error": {"message": "not this one"}}),
            None => {
                let data: Vec<Value> = texts.iter().map(|text| json!({"embedding": [text, 1]})).collect();
                json!({"data": data, "model": body["model"], "usage": {"prompt_tokens": texts.len()}})
            }
        };
        let body: Body = Box::pin(stream::iter([Ok(Bytes::from(reply.to_string()))]));
        Ok(http::Response::builder().status(refused.unwrap_or(200)).body(body).unwrap())
    }
}

fn config(name: &str) -> Config {
    Config::new(name).unwrap().base_url("http://unit.test/v1").max_retries(0)
}

fn client(config: Config, numbers: &Arc<Numbers>) -> Client {
    Client::new(Arc::new(config), Arc::clone(numbers) as Arc<dyn Transport>)
}

fn numbers(count: usize) -> EmbedRequest {
    EmbedRequest::new((0..count).map(|number| number.to_string()))
}

#[tokio::test(start_paused = true)]
async fn many_texts_are_split_a_few_requests_at_once_and_come_back_in_order() {
    let server = Arc::new(Numbers::default());
    // Alibaba takes 10 texts a request.
    let embeddings = client(config("alibaba"), &server).embed(numbers(95)).await.unwrap();
    assert_eq!((embeddings.len(), embeddings.dimensions), (95, 2));
    assert!(embeddings.vectors().enumerate().all(|(at, vector)| vector == [at as f32, 1.0]));
    assert_eq!(embeddings.usage.unwrap().input, Some(95));
    assert_eq!(embeddings.model.as_deref(), Some("text-embedding-v4"));
    assert_eq!(server.calls.load(Ordering::Relaxed), 10);
    assert_eq!(server.most_at_once.load(Ordering::Relaxed), IN_FLIGHT);
}

#[tokio::test(start_paused = true)]
async fn each_request_is_priced_by_what_it_reads() {
    let price = Price { input: 2e6, request: Some(0.5), ..Price::default() };
    let config = config("alibaba").pricing(Pricing::new([("text-embedding-*", price)]).unwrap());
    let embeddings = client(config, &Arc::default()).embed(numbers(95)).await.unwrap();
    assert_eq!(embeddings.usage.unwrap().cost, Some(95.0 * 2.0 + 10.0 * 0.5));
}

#[tokio::test(start_paused = true)]
async fn one_failed_request_fails_the_call_and_names_its_texts() {
    let server = Arc::new(Numbers { status: Some(400), ..Numbers::default() });
    let error = client(config("alibaba"), &server).embed(numbers(1000)).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Rejected);
    assert!(error.message().starts_with("texts 100 to 109: the provider answered: not this one"), "{error}");
    assert_eq!(error.context().model.as_deref(), Some("text-embedding-v4"));
    assert!(server.calls.load(Ordering::Relaxed) < 20, "the rest is not sent");

    let error = client(config("alibaba"), &server).embed(numbers(101)).await.unwrap_err();
    assert!(error.message().starts_with("text 100: "), "{error}");
    let error = client(config("openai"), &server).embed(numbers(101)).await.unwrap_err();
    assert!(error.message().starts_with("the provider"), "there was one request only: {error}");
}

#[tokio::test(start_paused = true)]
async fn a_request_is_tried_again_by_itself() {
    let server = Arc::new(Numbers { status: Some(503), ..Numbers::default() });
    let error = client(config("alibaba").max_retries(2), &server).embed(numbers(105)).await.unwrap_err();
    assert_eq!((error.code(), error.context().attempts), (ErrorCode::Unavailable, Some(3)));
    assert!(!error.is_retryable(), "nobody above multiplies the attempts");
    assert_eq!(server.calls.load(Ordering::Relaxed), 11 + 2);
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_runs_out_and_a_body_that_is_too_large_are_errors() {
    let server = Arc::new(Numbers::default());
    let timeouts = crate::Timeouts { headers: Duration::from_millis(100), ..crate::Timeouts::default() };
    let error = client(config("openai").timeouts(timeouts), &server).embed(numbers(1)).await.unwrap_err();
    assert_eq!(error.context().clock, Some("headers"));
    let limits = Limits { body_bytes: 50, ..Limits::default() };
    let error = client(config("openai").limits(limits), &server).embed(numbers(9)).await.unwrap_err();
    assert!(error.message().contains("50 bytes"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn the_model_is_the_requests_or_one_that_embeds() {
    let asked = async |config: Config, request: EmbedRequest| {
        client(config, &Arc::default()).embed(request).await.unwrap().model.unwrap()
    };
    assert_eq!(asked(config("openai").model("gpt-5"), numbers(1)).await, "text-embedding-3-small");
    let large = "text-embedding-3-large";
    assert_eq!(asked(config("openai").model(large), numbers(1)).await, large);
    assert_eq!(asked(config("openai").model(large), numbers(1).model("mine")).await, "mine");
    assert_eq!(asked(config("vllm").model("bge-m3"), numbers(1)).await, "bge-m3");
}

#[tokio::test]
async fn what_cannot_be_asked_fails_before_anything_is_sent() {
    let refusal = async |config: Config, request: EmbedRequest| {
        let client = Client::new(Arc::new(config), Arc::new(MockTransport::new()));
        let error = client.embed(request).await.unwrap_err();
        (error.code(), error.message().to_owned())
    };
    let (code, message) = refusal(config("anthropic"), numbers(1)).await;
    assert_eq!(code, ErrorCode::Config);
    assert!(message.contains("anthropic has no embeddings") && message.contains("voyage"), "{message}");
    let (code, message) = refusal(config("ollama"), numbers(1)).await;
    assert_eq!(code, ErrorCode::Config);
    assert!(message.contains("set `model`"), "{message}");
    let (code, message) = refusal(Config::new("openai").unwrap(), numbers(1)).await;
    assert_eq!(code, ErrorCode::Config);
    assert!(message.contains("OPENAI_API_KEY"), "{message}");
    let (code, message) = refusal(config("openai"), EmbedRequest::new(["a", ""])).await;
    assert_eq!(code, ErrorCode::InvalidInput);
    assert!(message.contains("text 1"), "{message}");
}

#[test]
fn a_part_ends_where_texts_or_bytes_are_enough() {
    let row = Embedding { most: 3, most_bytes: 10, ..vendor("openai").unwrap().embedding.unwrap() };
    let split = |lengths: &[usize]| {
        let texts: Vec<String> = lengths.iter().map(|length| "x".repeat(*length)).collect();
        split(&texts, &row)
    };
    assert_eq!(split(&[1, 1, 1]), vec![0..3; 1]);
    assert_eq!(split(&[1, 1, 1, 1]), [0..3, 3..4]);
    assert_eq!(split(&[5, 5, 1]), [0..2, 2..3]);
    assert_eq!(split(&[1, 99, 1, 99]), [0..1, 1..2, 2..3, 3..4], "a long text goes alone");
}
