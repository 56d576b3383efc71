//! Where the bytes go: every allocation made for a run is charged to it, limits hold, and what is dropped is given back.
//!
//! `cargo run -p graphbit-examples --bin memory`

#![expect(clippy::print_stdout, reason = "a program says what it does")]

use std::alloc::System;
use std::error::Error;
use std::sync::Arc;

use graphbit_core::{Graph, Node};
use graphbit_executor::{Executor, Profile, RunOptions, Workflow};
use graphbit_memory::{Account, Tracking, allocator_stats};
use serde_json::{Value, json};

/// Without this one line there are no figures; everything else works as before.
#[global_allocator]
static ALLOCATOR: Tracking<System> = Tracking::new(System);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut graph = Graph::new("copies");
    graph.add(Node::transform("Repeat"))?;
    graph.add(Node::transform("Count"))?;
    graph.connect("repeat", "count")?;
    let repeat = |input: Value| {
        let times = input.get("times").and_then(Value::as_u64).unwrap_or(1);
        std::future::ready(Ok::<_, &str>(json!("shade ".repeat(times as usize))))
    };
    let count = |text: Value| std::future::ready(Ok::<_, &str>(json!(text.as_str().map_or(0, str::len))));
    let workflow = Workflow::new(graph.compile()?).function("repeat", repeat)?.function("count", count)?;
    let workflow = Arc::new(workflow);

    // All runs of this executor together may hold 8 MB.
    let executor = Executor::without_model(Profile::low_latency().memory_limit(8 << 20));
    let options = |times: u64| RunOptions::default().input(json!({ "times": times }));
    let result = executor.execute(&workflow, options(20_000)).await?;
    let memory = result.memory();
    println!("peak {:?} bytes, kept for state {}", memory.peak_bytes, memory.by_category.state);
    for node in result.nodes() {
        println!("  {} left {} bytes", node.id, node.memory.retained_bytes);
    }

    // A run that asks for more than it may have fails, and no other does.
    let refused = executor.execute(&workflow, options(200_000).memory_limit(1 << 20)).await?;
    if let Some(error) = refused.error() {
        println!("{}: {}", error.code().as_str(), error.message());
    }

    drop((result, refused));
    println!("after both results are dropped, the runs hold {:?} bytes", executor.memory().live_bytes);
    let all = allocator_stats().map(|stats| stats.live_bytes);
    println!("everything live is shared: {}", all == Account::shared().live_bytes());
    Ok(())
}
