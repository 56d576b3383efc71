//! A program that is to end: runs under way may end what they are at within a limit, nothing new is started. No model is asked.
//!
//! `cargo run -p graphbit-examples --bin shutdown`

#![expect(clippy::print_stdout, reason = "a program says what it does")]

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use graphbit_core::{Delay, Graph, Node};
use graphbit_executor::{Executor, Profile, RunOptions, Workflow};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut graph = Graph::new("slow");
    for (name, millis) in [("First", 200), ("Second", 200), ("Endless", 3_600_000)] {
        graph.add(Node::new(name, Delay::new(Duration::from_millis(millis))))?;
    }
    graph.connect("first", "second")?;
    let workflow = Arc::new(Workflow::new(graph.compile()?));

    let executor = Executor::without_model(Profile::low_latency());
    let run = executor.start(&workflow, RunOptions::default())?;
    tokio::time::sleep(Duration::from_millis(20)).await;
    let control = run.control();
    control.drain(Duration::from_millis(600));
    let receipt = control.ended().await;
    println!("ended: {:?}", receipt.finished);
    println!("given up at the deadline: {:?}", receipt.dropped);
    println!("never started: {:?}", receipt.never_started);
    if let Err(error) = run.result().await {
        println!("{error}");
    }
    Ok(())
}
