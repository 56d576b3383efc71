//! What happens in a run, as it happens: two agents, the second of which is shown word by word.
//!
//! `cargo run -p graphbit-examples --bin events`

#![expect(clippy::print_stdout, reason = "a program says what it does")]

use std::error::Error;
use std::io::Write;
use std::sync::Arc;

use graphbit_core::{Graph, Node};
use graphbit_executor::{Executor, Profile, RunEvent, RunOptions, Workflow};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let (config, _server) = graphbit_examples::model().await?;
    let mut graph = Graph::new("article");
    graph.add(Node::agent("Research", "Research: street trees"))?;
    graph.add(Node::agent("Write", "Write: an article from these notes. {{research}}"))?;
    graph.connect("research", "write")?;
    let workflow = Arc::new(Workflow::new(graph.compile()?));

    // The reader is made before the run begins, so that nothing is missed.
    let (give, take) = std::sync::mpsc::channel();
    let options = RunOptions::default().watch(move |events| drop(give.send(events)));
    let run = Executor::new(config, Profile::low_latency()).start(&workflow, options)?;
    let mut events = take.recv()?;
    while let Some(event) = events.next().await {
        match event {
            RunEvent::RunStarted { workflow, .. } => println!("{workflow} begins"),
            RunEvent::NodeStarted { node } => println!("{node} begins"),
            RunEvent::NodeDelta { node, text, .. } if &*node == "write" => print!("{text}"),
            RunEvent::NodeFinished { node, status, usage, .. } => {
                let written = usage.and_then(|usage| usage.output).unwrap_or(0);
                println!("\n{node}: {status:?}, {written} tokens written");
            }
            RunEvent::RunFinished { end, duration_ms, .. } => println!("{end:?} after {duration_ms:.0} ms"),
            RunEvent::Lagged { missed } => println!("({missed} events were not read in time)"),
            _ => {}
        }
        std::io::stdout().flush()?;
    }
    run.result().await?.error().map_or(Ok(()), |error| Err(error.duplicate().into()))
}
