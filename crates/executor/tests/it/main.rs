//! The executor from outside: against a loopback server, models made by hand, and a host with a thread of its own.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "tests fail loudly, their helpers too")]

mod agents;
mod batches;
mod bodies;
mod calls;
mod cancellation;
mod choices;
mod contexts;
mod drain;
mod drawings;
mod edges;
mod embeddings;
mod events;
mod failures;
mod flow;
mod hosts;
mod loops;
mod nesting;
mod pauses;
mod policies;
mod scale;
mod streams;
mod support;
mod transforms;
