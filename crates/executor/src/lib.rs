//! Runs plans and calls models, on runtimes of its own.
//!
//! ```
//! use std::sync::Arc;
//! use graphbit_core::{Graph, Node};
//! use graphbit_executor::{Executor, Profile, RunOptions, Workflow};
//! use graphbit_llm::Config;
//! use graphbit_testkit::{Script, Server};
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let server = Server::start(Script::default()).await?; // any chat completions server
//! let mut graph = Graph::new("greeting");
//! graph.add(Node::agent("Greeter", "Greet {{input.name}}").with_id("greeter"))?;
//! graph.add(Node::agent("Translator", "Translate {{greeter}}").with_id("translator"))?;
//! graph.connect("greeter", "translator")?;
//! let workflow = Arc::new(Workflow::new(graph.compile()?));
//!
//! let executor = Executor::new(Config::new("openai")?.base_url(server.base_url()), Profile::low_latency());
//! let input = serde_json::json!({ "name": "Ada" });
//! let result = executor.execute(&workflow, RunOptions::default().input(input)).await?;
//! assert!(result.is_success());
//! assert_eq!(result.output("translator").unwrap().as_str(), Some("echo: Translate echo: Greet Ada"));
//! # Ok(()) }
//! ```

mod bodies;
mod cache;
mod call;
mod draw;
mod drive;
mod event;
mod executor;
mod function;
mod handler;
mod host;
mod machine;
mod memory;
mod profile;
mod result;
mod root;
mod run;
pub mod runtime;
mod snapshot;
mod source;
mod state;
mod workflow;

pub use bodies::{BodySnapshot, NodeTally};
pub use call::{BatchOptions, BatchResult, CallStats, Caller, Line, Pull, Pulled};
pub use event::{DeltaKind, Events, RunEvent};
pub use executor::{Executor, ExecutorStats};
pub use function::{BoxError, CallContext, Function, with_context};
pub use host::{Host, HostedCall, Promised, Visit};
pub use machine::{
    Counts, End, Machine, NodeState, Outcome, SavedMachine, Status, Taken, edges_taken, edges_taken_by,
};
pub use memory::{MemoryUse, RunMemory, UnderWay, limit_process, process_budget, under_way};
pub use profile::Profile;
pub use result::{NodeMemory, NodeResult, NodeStatus, Receipt, RunResult, RunStats};
pub use run::{Control, Run, RunOptions};
pub use runtime::Lease;
pub use snapshot::NodeSnapshot;
pub use source::Source;
pub use workflow::Workflow;
