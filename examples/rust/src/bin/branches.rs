//! One way or another: a condition chooses by what came in, a join takes whichever way was gone, and a function decides whether
//! there is more to do. No model is asked.
//!
//! `cargo run -p graphbit-examples --bin branches`

#![expect(clippy::print_stdout, reason = "a program says what it does")]
#![expect(clippy::indexing_slicing, reason = "a field that a JSON value lacks reads as null")]

use std::error::Error;
use std::sync::Arc;

use graphbit_core::{Branch, Condition, Graph, Join, Node, Operator, Predicate, Reduce, When};
use graphbit_executor::{Executor, Profile, RunOptions, Workflow};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut graph = Graph::new("support");
    graph.add(Node::new(
        "Triage",
        Condition::Branches(vec![
            Branch::new("urgent", Predicate::at("priority", Operator::GreaterOrEqual(json!(8)))?),
            Branch::new("spam", Predicate::at("from", Operator::Contains(json!("@spam.example")))?),
        ]),
    ))?;
    for name in ["Call", "Drop", "Queue"] {
        graph.add(Node::transform(name))?;
    }
    graph.add(Node::new("Done", Join::default().with_reduce(Reduce::First)))?;
    graph.connect_when("triage", "call", When::equals("urgent"))?;
    graph.connect_when("triage", "drop", When::equals("spam"))?;
    graph.connect_when("triage", "queue", When::Otherwise)?;
    for name in ["call", "drop", "queue"] {
        graph.connect(name, "done")?;
    }
    graph.add(Node::transform("Log"))?;
    graph.connect_when("done", "log", When::Function)?;
    println!("{}", graph.to_mermaid());

    let says = |text: &'static str| move |_: Value| std::future::ready(Ok::<_, &str>(json!(text)));
    let workflow = Workflow::new(graph.compile()?)
        .function("call", says("somebody was called"))?
        .function("drop", says("the mail was dropped"))?
        .function("queue", says("the mail waits its turn"))?
        .function("log", says("logged"))?
        .edge("done", "log", async |done: Value| Ok::<_, &str>(json!(done != "the mail was dropped")))?;
    let workflow = Arc::new(workflow);

    let executor = Executor::without_model(Profile::low_latency());
    for mail in [
        json!({ "from": "ada@mail.example", "priority": 9 }),
        json!({ "from": "win@spam.example", "priority": 1 }),
        json!({ "from": "bob@mail.example", "priority": 2 }),
    ] {
        let result = executor.execute(&workflow, RunOptions::default().input(mail.clone())).await?;
        let done = result.output("done").and_then(|done| done.as_str()).unwrap_or("nothing happened");
        let logged = if result.output("log").is_some() { "logged" } else { "not logged" };
        println!("{}: {done}, {logged}", mail["from"]);
        println!("  not taken: {}", result.stats().not_taken_nodes);
    }
    Ok(())
}
