//! The same for each item of a list, two at a time, and what became of them in the order of the list.
//!
//! `cargo run -p graphbit-examples --bin map`

#![expect(clippy::print_stdout, reason = "a program says what it does")]
#![expect(clippy::indexing_slicing, reason = "a field that a JSON value lacks reads as null")]

use std::error::Error;
use std::num::NonZeroU32;
use std::sync::Arc;

use graphbit_core::{Graph, ItemError, Map, Node};
use graphbit_executor::{Executor, Profile, RunOptions, Workflow};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let (config, _server) = graphbit_examples::model().await?;

    // What is done with one article: a graph of its own, which sees the item as its input.
    let mut one = Graph::new("one article");
    one.add(Node::transform("Check"))?;
    one.add(Node::agent("Summarise", "Summarise: {{check.text}}"))?;
    one.connect("check", "summarise")?;

    let mut graph = Graph::new("digest");
    let two = NonZeroU32::MIN.saturating_add(1);
    let each = Map::over("{{input.articles}}", one).with_concurrency(two).with_on_error(ItemError::Collect);
    graph.add(Node::new("Each", each))?;
    // A function of a body is named with the node's id before it.
    let workflow = Workflow::new(graph.compile()?).function("each/check", async |input: Value| {
        let article = input["item"].clone();
        if article["text"].is_string() { Ok(article) } else { Err("the article has no text") }
    })?;

    let input = json!({ "articles": [
        { "text": "Bees find their way by the sun." },
        { "title": "an empty page" },
        { "text": "A river moves its bed a little each year." },
    ] });
    let executor = Executor::new(config, Profile::low_latency());
    let result = executor.execute(&Arc::new(workflow), RunOptions::default().input(input)).await?;

    let digest = result.final_output().unwrap_or_default();
    for (number, summary) in digest.as_array().into_iter().flatten().enumerate() {
        match summary.as_str() {
            Some(text) => println!("{number}: {text}"),
            None => println!("{number} failed: {}", summary["error"]["message"]),
        }
    }
    let stats = result.stats();
    println!("{} tokens read, {} written", stats.input_tokens, stats.output_tokens);
    Ok(())
}
