//! The engine in Rust, on its low-latency runtime.

use std::sync::Arc;
use std::time::Instant;

use futures_util::{StreamExt, stream};
use graphbit_core::{Graph, Node};
use graphbit_executor::{Executor, Profile, RunOptions, Workflow};
use graphbit_llm::{Config, Secret};
use serde_json::json;

use super::{CONCURRENCY, Figures, input, second_prompt};
use crate::{Result, usage};

/// Workflows that run one at a time.
const ALONE: usize = 1000;

pub(super) fn run(base_url: &str, count: usize, waiting: usize) -> Result<Figures> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let config = Config::new("openai")?
            .base_url(base_url)
            .model("bench")
            .api_key(Secret::new("bench"))
            .max_retries(0);
        let executor = Executor::new(config, Profile::low_latency());
        let running = workflow(false)?;
        for index in 0..200 {
            executor.execute(&running, options(index)).await?;
        }
        let (began, cpu) = (Instant::now(), usage::cpu_seconds()?);
        let runs = stream::iter(0..count).map(|index| executor.execute(&running, options(index)));
        let good = runs.buffer_unordered(CONCURRENCY).filter(|result| {
            std::future::ready(
                result.as_ref().is_ok_and(|result| result.is_success() && result.output("n2").is_some()),
            )
        });
        let failed = count - good.count().await;
        if failed > 0 {
            return Err(format!("{failed} workflows failed").into());
        }
        let (seconds, cpu) = (began.elapsed().as_secs_f64(), usage::cpu_seconds()? - cpu);

        let mut alone = Vec::new();
        for index in 0..ALONE {
            let began = Instant::now();
            executor.execute(&running, options(index)).await?;
            alone.push(began.elapsed().as_secs_f64() * 1e6);
        }
        alone.sort_by(f64::total_cmp);

        let parked = workflow(true)?;
        let (live, rss) = (usage::live_bytes(), usage::rss_bytes()?);
        let runs: Vec<_> =
            (0..waiting).map(|index| executor.start(&parked, options(index))).collect::<Result<_, _>>()?;
        tokio::time::sleep(super::settling(waiting)).await;
        let per = |now: f64, before: f64| (now - before) / waiting.max(1) as f64;
        let figures = Figures {
            workflows_per_second: count as f64 / seconds,
            cpu_seconds_per_1000: cpu * 1000.0 / count as f64,
            live_bytes_per_waiting: per(usage::live_bytes(), live),
            rss_bytes_per_waiting: per(usage::rss_bytes()?, rss),
            micros_alone: alone.get(ALONE / 2).copied().unwrap_or(f64::NAN),
        };
        for run in &runs {
            run.cancel("measured").await;
        }
        Ok(figures)
    })
}

fn workflow(parked: bool) -> Result<Arc<Workflow>> {
    let mut graph = Graph::new("floor");
    let second = second_prompt(parked, "{{n0}}");
    for (id, prompt) in [("n0", "{{input.text}}"), ("n1", second.as_str()), ("n2", "{{n1}}")] {
        graph.add(Node::agent(id, prompt).with_id(id))?;
    }
    graph.connect("n0", "n1")?;
    graph.connect("n1", "n2")?;
    Ok(Arc::new(Workflow::new(graph.compile()?)))
}

fn options(index: usize) -> RunOptions {
    RunOptions::default().input(json!({ "text": input(index) }))
}
