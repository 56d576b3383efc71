//! A reply that is shown as it arrives. The server goes only as fast as it is read.
//!
//! `cargo run -p graphbit-examples --bin stream`

#![expect(clippy::print_stdout, reason = "a program says what it does")]

use std::error::Error;
use std::io::Write;

use graphbit_executor::{Caller, Profile};
use graphbit_llm::{Event, Request};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let (config, _server) = graphbit_examples::model().await?;
    let caller = Caller::new(config, Profile::low_latency());

    let mut reply = caller.stream(Request::prompt("Research: what do street trees do for a city?")).await?;
    while let Some(pulled) = reply.next().await? {
        for event in pulled.events {
            match event {
                Event::Delta { text, .. } => print!("{text}"),
                Event::Finished { reason, .. } => println!("\n\nfinished: {}", reason.as_str()),
                _ => {}
            }
        }
        std::io::stdout().flush()?;
    }
    println!("{} tokens", caller.stats().total_tokens);
    Ok(())
}
