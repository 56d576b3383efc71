//! What becomes of failures: another attempt, another output in their place, another way; and outputs that are kept for the
//! next run. No model is asked.
//!
//! `cargo run -p graphbit-examples --bin policies`

#![expect(clippy::print_stdout, reason = "a program says what it does")]
#![expect(clippy::indexing_slicing, reason = "a field that a JSON value lacks reads as null")]

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use graphbit_core::{Graph, Node, OnError, RetryPolicy, When};
use graphbit_executor::{Executor, Profile, RunOptions, RunResult, Workflow};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let soon = RetryPolicy::new(3).with_delays(Duration::from_millis(5), Duration::from_millis(20));
    let mut graph = Graph::new("weather");
    graph.add(Node::transform("Station").with_retry(soon).with_cache("{{input.city}}"))?;
    graph.add(
        Node::transform("Satellite").with_timeout(Duration::from_millis(50)).with_fallback("no picture"),
    )?;
    graph.add(Node::transform("Advert").with_on_error(OnError::Skip))?;
    graph.add(Node::transform("Radar"))?;
    graph.add(Node::transform("Apology"))?;
    graph.add(Node::join("Report"))?;
    graph.connect_when("radar", "apology", When::Failed)?; // a failure that is handled is none of the run's
    for id in ["station", "satellite", "advert", "radar", "apology"] {
        graph.connect(id, "report")?;
    }

    let (asked, calls) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let (ask, counted) = (Arc::clone(&asked), Arc::clone(&calls));
    let station = move |_: Value| {
        let nth = ask.fetch_add(1, Ordering::Relaxed) + 1;
        async move { if nth < 3 { Err("the line is busy") } else { Ok(json!("18 degrees")) } }
    };
    let radar = move |_: Value| {
        counted.fetch_add(1, Ordering::Relaxed);
        async { Err::<Value, _>("the radar is being painted") }
    };
    let workflow = Workflow::new(graph.compile()?)
        .function("station", station)?
        .function("satellite", async |_: Value| {
            tokio::time::sleep(Duration::from_secs(60)).await;
            Ok::<_, &str>(json!("clouds"))
        })?
        .function("advert", async |_: Value| Err::<Value, _>("nobody wants to sell anything"))?
        .function("radar", radar)?
        .function("apology", async |failure: Value| {
            Ok::<_, &str>(json!(format!("no rain forecast: {}", failure["error"]["message"])))
        })?;
    let workflow = Arc::new(workflow);

    let executor = Executor::without_model(Profile::low_latency());
    for _ in 0..2 {
        let options = RunOptions::default().input(json!({ "city": "Graz" }));
        show(&executor.execute(&workflow, options).await?);
    }
    println!("the station was asked {} times in two runs", asked.load(Ordering::Relaxed));
    println!("the radar was asked {} times", calls.load(Ordering::Relaxed));
    Ok(())
}

fn show(result: &RunResult) {
    println!("success: {}, {}", result.is_success(), result.output("report").cloned().unwrap_or_default());
    for node in result.nodes() {
        if let Some(error) = node.error {
            println!(
                "  {} ({:?} after {} attempts): {}",
                node.id,
                node.status,
                node.attempts,
                error.message()
            );
        }
    }
}
