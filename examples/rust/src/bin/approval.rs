//! A run that asks somebody before it goes on. Here the program answers itself; the first answer is not one.
//!
//! `cargo run -p graphbit-examples --bin approval`

#![expect(clippy::print_stdout, reason = "a program says what it does")]

use std::error::Error;
use std::sync::Arc;

use graphbit_core::{Graph, Node, Pause, Predicate, When};
use graphbit_executor::{Executor, Profile, RunEvent, RunOptions, Workflow};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut graph = Graph::new("newsletter");
    let yes_or_no = json!({ "type": "string", "enum": ["yes", "no"] });
    graph
        .add(Node::new("Ask", Pause::new("Send it to {{input.readers}} readers?").with_answer(yes_or_no)))?;
    graph.add(Node::transform("Send"))?;
    graph.connect_when("ask", "send", When::Matches(Predicate::equals("yes")))?;
    let workflow = Workflow::new(graph.compile()?).function("send", async |answer: Value| {
        Ok::<_, &str>(json!(format!("sent, for the answer was {answer}")))
    })?;

    let (give, take) = std::sync::mpsc::channel();
    let options =
        RunOptions::default().input(json!({ "readers": 512 })).watch(move |events| drop(give.send(events)));
    let run = Executor::without_model(Profile::low_latency()).start(&Arc::new(workflow), options)?;
    let (control, mut events) = (run.control(), take.recv()?);
    while let Some(event) = events.next().await {
        if let RunEvent::NodePaused { node, question } = event {
            println!("{node} asks: {question}");
            if let Err(error) = control.answer(&node, "perhaps") {
                println!("perhaps? {}", error.message());
            }
            control.answer(&node, "yes")?;
        }
    }
    println!("{}", run.result().await?.final_text().unwrap_or("not sent"));
    Ok(())
}
