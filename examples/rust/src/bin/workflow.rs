//! Three agents that build on each other.
//!
//! `cargo run -p graphbit-examples --bin workflow`

#![expect(clippy::print_stdout, reason = "a program says what it does")]

use std::error::Error;
use std::sync::Arc;

use graphbit_core::{Agent, Graph, Node};
use graphbit_executor::{Executor, Profile, RunOptions, Workflow};
use serde_json::json;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let (config, _server) = graphbit_examples::model().await?;

    let mut graph = Graph::new("article");
    graph.add(Node::agent("Research", "Research: what is known about {{input.topic}}?"))?;
    graph.add(Node::agent("Write", "Write: an article from these notes. {{research}}"))?;
    graph.add(Node::new("Edit", Agent::new("Edit: make this shorter. {{write}}").with_temperature(0.2)))?;
    graph.connect("research", "write")?;
    graph.connect("write", "edit")?;
    let workflow = Arc::new(Workflow::new(graph.compile()?));

    let executor = Executor::new(config, Profile::low_latency());
    let input = json!({ "topic": "street trees in warm cities" });
    let result = executor.execute(&workflow, RunOptions::default().input(input)).await?;

    for node in result.nodes() {
        println!("{} ({:?} after {:.0?})", node.id, node.status, node.duration);
        if let Some(text) = node.output.and_then(|output| output.as_str()) {
            println!("{text}\n");
        }
    }
    let stats = result.stats();
    println!("{} nodes in {:.0} ms", stats.total_nodes, stats.total_execution_time_ms);
    println!("{} tokens read, {} written", stats.input_tokens, stats.output_tokens);
    result.error().map_or(Ok(()), |error| Err(error.duplicate().into()))
}
