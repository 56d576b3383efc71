//! The floor: reqwest and serde_json in a loop, on one thread, with nothing around it.

use std::sync::Arc;
use std::time::Instant;

use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

use super::{CONCURRENCY, Figures, input, second_prompt};
use crate::{Result, usage};

pub(super) fn run(base_url: &str, count: usize, waiting: usize) -> Result<Figures> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let client = client()?;
        let url: Arc<str> = format!("{base_url}/chat/completions").into();
        for index in 0..200 {
            chain(&client, &url, index, false).await?; // warm: connections, code, allocator
        }
        let (began, cpu) = (Instant::now(), usage::cpu_seconds()?);
        let chains = stream::iter(0..count).map(|index| chain(&client, &url, index, false));
        let failed = chains
            .buffer_unordered(CONCURRENCY)
            .filter(|done| std::future::ready(done.is_err()))
            .count()
            .await;
        if failed > 0 {
            return Err(format!("{failed} workflows failed").into());
        }
        let (seconds, cpu) = (began.elapsed().as_secs_f64(), usage::cpu_seconds()? - cpu);

        let (live, rss) = (usage::live_bytes(), usage::rss_bytes()?);
        let parked: Vec<_> = (0..waiting)
            .map(|index| {
                let (client, url) = (client.clone(), Arc::clone(&url));
                tokio::spawn(async move { chain(&client, &url, index, true).await.is_ok() })
            })
            .collect();
        tokio::time::sleep(super::settling(waiting)).await;
        let per = |now: f64, before: f64| (now - before) / waiting.max(1) as f64;
        let figures = Figures {
            workflows_per_second: count as f64 / seconds,
            cpu_seconds_per_1000: cpu * 1000.0 / count as f64,
            live_bytes_per_waiting: per(usage::live_bytes(), live),
            rss_bytes_per_waiting: per(usage::rss_bytes()?, rss),
            micros_alone: f64::NAN,
        };
        parked.iter().for_each(tokio::task::JoinHandle::abort);
        Ok(figures)
    })
}

/// The same client that the engine's transport makes, without certificates.
fn client() -> Result<reqwest::Client> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    let builder =
        reqwest::Client::builder().no_proxy().http1_only().tcp_nodelay(true).tls_backend_preconfigured(tls);
    Ok(builder.build()?)
}

async fn chain(client: &reqwest::Client, url: &str, index: usize, parked: bool) -> Result<String, String> {
    let first = call(client, url, &input(index)).await?;
    let second = call(client, url, &second_prompt(parked, &first)).await?;
    call(client, url, &second).await
}

async fn call(client: &reqwest::Client, url: &str, prompt: &str) -> Result<String, String> {
    let body = json!({ "model": "bench", "messages": [{ "role": "user", "content": prompt }] }).to_string();
    let request = client
        .post(url)
        .header("content-type", "application/json")
        .header("authorization", "Bearer bench")
        .body(body);
    let reply = request.send().await.map_err(|error| error.to_string())?;
    let body = reply.bytes().await.map_err(|error| error.to_string())?;
    let value: Value = serde_json::from_slice(&body).map_err(|error| error.to_string())?;
    let text = value.pointer("/choices/0/message/content").and_then(Value::as_str);
    text.map(str::to_owned).ok_or_else(|| "no content".to_owned())
}
