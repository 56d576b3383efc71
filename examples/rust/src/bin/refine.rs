//! Again and again until it is good, at most so often. No model is asked: the draft is a number that comes nearer to a root.
//!
//! `cargo run -p graphbit-examples --bin refine`

#![expect(clippy::print_stdout, reason = "a program says what it does")]
#![expect(clippy::indexing_slicing, reason = "a field that a JSON value lacks reads as null")]

use std::error::Error;
use std::num::NonZeroU32;
use std::sync::Arc;

use graphbit_core::{Graph, Loop, Node, Operator, Predicate, Repeat};
use graphbit_executor::{Executor, Profile, RunOptions, Workflow};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut turn = Graph::new("one turn");
    turn.add(Node::transform("Improve"))?;

    let good = Repeat::Until(Predicate::at("error", Operator::Less(json!(1e-9)))?);
    let mut graph = Graph::new("square root");
    let limit = NonZeroU32::new(8).ok_or("a loop runs at least once")?;
    graph.add(Node::new("Refine", Loop::new(turn, good, limit)))?;

    let workflow = Workflow::new(graph.compile()?).function("refine/improve", async |turn: Value| {
        let wanted = turn["input"].as_f64().ok_or("the input is no number")?;
        let guess = turn["last"]["guess"].as_f64().unwrap_or(wanted); // there is no last output at first
        let better = f64::midpoint(guess, wanted / guess);
        println!("turn {}: {better}", turn["iteration"]);
        Ok::<_, &str>(json!({ "guess": better, "error": (better * better - wanted).abs() }))
    })?;
    let workflow = Arc::new(workflow);

    let executor = Executor::without_model(Profile::low_latency());
    let result = executor.execute(&workflow, RunOptions::default().input(2)).await?;
    println!("the root of 2 is about {}", result.final_output().unwrap_or_default()["guess"]);

    // A big number takes more turns than the limit grants, and the run fails.
    let result = executor.execute(&workflow, RunOptions::default().input(1e12)).await?;
    if let Some(error) = result.error() {
        println!("the root of a million million: {error}");
    }
    Ok(())
}
