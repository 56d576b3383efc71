//! A graph as one step of another, with a contract: what it takes and what it gives. Its steps call tools with arguments that
//! are put together from what is there. No model is asked.
//!
//! `cargo run -p graphbit-examples --bin subgraph`

#![expect(clippy::print_stdout, reason = "a program says what it does")]
#![expect(clippy::indexing_slicing, reason = "a field that a JSON value lacks reads as null")]

use std::error::Error;
use std::sync::Arc;

use graphbit_core::{Graph, Node, Subgraph, Tool};
use graphbit_executor::{Executor, Profile, RunOptions, Workflow};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut invoice = Graph::new("invoice")
        .with_input(json!({ "type": "object", "required": ["net", "country"] }))
        .with_output(json!({ "type": "number" }));
    let rate = json!({ "country": "{{input.country}}" });
    let gross = json!({ "net": "{{input.net}}", "rate": "{{rate}}" });
    invoice.add(Node::new("Rate", Tool::new("vat-rate").with_arguments(rate)))?;
    invoice.add(Node::new("Gross", Tool::new("add-vat").with_arguments(gross)))?;
    invoice.connect("rate", "gross")?;

    let mut graph = Graph::new("shop");
    graph.add(Node::transform("Cart"))?;
    graph.add(Node::new("Invoice", Subgraph::new(invoice)))?;
    graph.connect("cart", "invoice")?;

    let workflow = Workflow::new(graph.compile()?)
        .function("cart", async |order: Value| {
            let prices = order["prices"].as_array().ok_or("the order has no prices")?;
            let net: f64 = prices.iter().filter_map(Value::as_f64).sum();
            Ok::<_, &str>(json!({ "net": net, "country": order["country"] }))
        })?
        .function("invoice/rate", async |arguments: Value| match arguments["country"].as_str() {
            Some("AT") => Ok(json!(0.2)),
            Some("DE") => Ok(json!(0.19)),
            _ => Err(format!("no rate is known for {}", arguments["country"])),
        })?
        .function("invoice/gross", async |arguments: Value| {
            let number = |name: &str| arguments[name].as_f64().ok_or("not a number");
            Ok::<_, &str>(json!((number("net")? * (1.0 + number("rate")?) * 100.0).round() / 100.0))
        })?;
    let workflow = Arc::new(workflow);

    let executor = Executor::without_model(Profile::low_latency());
    for country in ["AT", "DE", "XX"] {
        let order = json!({ "prices": [10, 2.5], "country": country });
        let result = executor.execute(&workflow, RunOptions::default().input(order)).await?;
        match result.error() {
            None => println!("{country}: {}", result.final_output().unwrap_or_default()),
            Some(error) => println!("{country}: {error}"),
        }
    }
    Ok(())
}
