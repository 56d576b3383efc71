//! Functions of the program's in a graph: two branches, a join, and one branch that fails. No model is asked.
//!
//! `cargo run -p graphbit-examples --bin transforms`

#![expect(clippy::print_stdout, reason = "a program says what it does")]

use std::error::Error;
use std::sync::Arc;

use graphbit_core::{Graph, Node};
use graphbit_executor::{Executor, Profile, RunOptions, Workflow};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut graph = Graph::new("orders");
    for name in ["Words", "Longest", "Count", "Sum"] {
        graph.add(Node::transform(name))?;
    }
    graph.add(Node::join("Report"))?;
    for (from, to) in [("words", "longest"), ("words", "count"), ("longest", "report"), ("count", "report")] {
        graph.connect(from, to)?;
    }
    graph.connect("words", "sum")?;

    let workflow = Workflow::new(graph.compile()?)
        .function("words", async |input: Value| {
            let text = input.as_str().ok_or("the input is not text")?;
            Ok::<_, &str>(json!(text.split_whitespace().collect::<Vec<_>>()))
        })?
        .function("longest", async |words: Value| {
            let longest = words
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .max_by_key(|word| word.len());
            longest.map(Value::from).ok_or("there are no words")
        })?
        .function("count", async |words: Value| Ok::<_, &str>(json!(words.as_array().map_or(0, Vec::len))))?
        // Words are no numbers, so this fails; any error may be returned.
        .function("sum", async |words: Value| {
            let numbers =
                words.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::parse::<i64>);
            numbers.sum::<Result<i64, _>>().map(Value::from)
        })?;

    let executor = Executor::without_model(Profile::low_latency());
    let options = RunOptions::default().input("the quick brown fox jumps over the lazy dog");
    let result = executor.execute(&Arc::new(workflow), options).await?;

    if let Some(report) = result.output("report") {
        println!("report: {report}");
    }
    println!("success: {}", result.is_success());
    for node in result.nodes() {
        if let Some(error) = node.error {
            println!("{} failed: {}", node.id, error.message());
        }
    }
    Ok(())
}
