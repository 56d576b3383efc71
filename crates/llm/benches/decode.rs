//! What a stream of 10,000 chunks costs: `cargo bench -p graphbit-llm --bench decode`.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a bench")]

use std::alloc::System;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use graphbit_core::Result;
use graphbit_llm::framing::{Framing, Sse};
use graphbit_llm::layer::Retry;
use graphbit_llm::transport::{Body, Transport};
use graphbit_llm::{Client, Config, Model, Request, complete};
use graphbit_memory::{Tracking, allocator_stats};

#[global_allocator]
static ALLOCATOR: Tracking<System> = Tracking::new(System);

const CHUNKS: usize = 10_000;

/// A server whose whole stream has arrived, in pieces as sockets give them.
#[derive(Clone)]
struct Ready(Bytes);

#[async_trait]
impl Transport for Ready {
    async fn send(&self, _: http::Request<Bytes>) -> Result<http::Response<Body>> {
        let all = self.0.clone();
        let pieces = (0..all.len()).step_by(8192).map(move |at| Ok(all.slice(at..all.len().min(at + 8192))));
        let body: Body = Box::pin(stream::iter(pieces));
        Ok(http::Response::builder().header("content-type", "text/event-stream").body(body).unwrap())
    }
}

fn recorded() -> Bytes {
    let mut all = Vec::new();
    for index in 0..CHUNKS {
        let chunk = serde_json::json!({
            "id": "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT", "object": "chat.completion.chunk", "created": 1_741_569_952,
            "model": "gpt-4.1-mini-2025-04-14", "system_fingerprint": "fp_44709d6fcb", "usage": null,
            "choices": [{"index": 0, "delta": {"content": format!(" token{index}")}, "logprobs": null, "finish_reason": null}],
        });
        all.extend_from_slice(format!("data: {chunk}\n\n").as_bytes());
    }
    all.extend_from_slice(
        b"data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n",
    );
    all.into()
}

fn measure(name: &str, bytes: usize, mut work: impl FnMut() -> usize) {
    work();
    let (before, start) = (allocator_stats().unwrap(), Instant::now());
    let mut rounds = 0;
    let mut events = 0;
    while start.elapsed().as_millis() < 700 {
        events += work();
        rounds += 1;
    }
    let (took, after) = (start.elapsed(), allocator_stats().unwrap());
    let per_event = (after.allocations - before.allocations) as f64 / events as f64;
    println!(
        "{name:28} {:7.0} MB/s {:6.0} ns/event {per_event:6.2} allocations/event",
        (bytes * rounds) as f64 / took.as_secs_f64() / 1e6,
        took.as_nanos() as f64 / events as f64,
    );
}

fn main() {
    let all = recorded();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let config = Arc::new(Config::new("openai").unwrap().base_url("http://bench/v1"));
    let client = Arc::new(Client::new(config, Arc::new(Ready(all.clone()))));
    let retry = Retry::new(Arc::clone(&client) as Arc<dyn Model>, 2);

    measure("framing", all.len(), || {
        let mut sse = Sse::new(1 << 20);
        let mut frames = 0;
        for at in (0..all.len()).step_by(8192) {
            sse.push(all.slice(at..all.len().min(at + 8192)));
            while sse.next().unwrap().is_some() {
                frames += 1;
            }
        }
        frames
    });
    let read = |model: &dyn Model| {
        runtime.block_on(async {
            let mut events = model.stream(Request::prompt("x").streamed()).await.unwrap();
            let mut count = 0;
            while let Some(event) = events.next().await {
                event.unwrap();
                count += 1;
            }
            count
        })
    };
    measure("Client, read", all.len(), || read(&*client));
    measure("Client and Retry, read", all.len(), || read(&retry));
    measure("Client, collected", all.len(), || {
        runtime.block_on(async { complete(&*client, Request::prompt("x").streamed()).await.unwrap() });
        CHUNKS
    });
}
