//! Variables that all nodes of a graph share: each node adds to them, however many run side by side.
//!
//! `cargo run -p graphbit-examples --bin state`

#![expect(clippy::print_stdout, reason = "a program says what it does")]

use std::error::Error;
use std::sync::Arc;

use graphbit_core::{Graph, Node, Pause, Reducer, StateVariable, Write};
use graphbit_executor::{CallContext, Executor, Profile, RunOptions, Workflow, with_context};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut graph = Graph::new("stock-taking")
        .with_state("total", StateVariable::new(Reducer::Sum).with_initial(0))
        .with_state("shelves", StateVariable::new(Reducer::Count))
        .with_state("kinds", StateVariable::new(Reducer::Union));
    graph.add(Node::join("All"))?;
    let shelves = ["apples", "pears", "apples", "plums"];
    for (number, _) in shelves.iter().enumerate() {
        let shelf = Node::transform(format!("Shelf {number}"))
            .with_write(Write::new("total").with_path("count")?)
            .with_write(Write::new("kinds").with_path("kind")?)
            .with_write(Write::new("shelves"));
        let id = graph.add(shelf)?;
        graph.connect(&id, "all")?;
    }
    // Any template may read the variables; this one is a question that we only look at.
    graph.add(Node::new("Ask", Pause::new("{{state.total}} on {{state.shelves}} shelves. Right?")))?;
    graph.connect("all", "ask")?;
    graph.add(Node::transform("Mean"))?;
    graph.connect("ask", "mean")?;

    let mut workflow = Workflow::new(graph.compile()?);
    for (number, kind) in shelves.into_iter().enumerate() {
        let found = json!({ "kind": kind, "count": 10 * (number + 1) });
        let count = move |_: Value| std::future::ready(Ok::<_, &str>(found.clone()));
        workflow = workflow.function(&format!("shelf-{number}"), count)?;
    }

    // A function that wants to know more than its input is told: here it reads the variables.
    let mean = with_context(async |_: Value, context: CallContext| {
        let state = context.state();
        let read = |name: &str| state.get(name).and_then(Value::as_f64).unwrap_or_default();
        Ok::<_, &str>(json!(read("total") / read("shelves")))
    });
    workflow = workflow.function("mean", mean)?;

    let run =
        Executor::without_model(Profile::low_latency()).start(&Arc::new(workflow), RunOptions::default())?;
    let control = run.control();
    while control.questions().is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
    for (node, question) in control.questions() {
        println!("{node}: {question}");
        control.answer(&node, true)?;
    }
    let result = run.result().await?;
    println!("total: {}", result.state()["total"]);
    let kinds = result.state()["kinds"].as_array().map_or(0, Vec::len);
    println!("different kinds: {kinds}");
    println!("on a shelf: {}", result.final_output().unwrap_or_default());
    Ok(())
}
