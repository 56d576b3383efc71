//! The executor from outside: against a loopback server, models made by hand, and a host with a thread of its own.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "tests fail loudly, their helpers too")]

mod agents;
mod batches;
mod calls;
mod cancellation;
mod embeddings;
mod failures;
mod flow;
mod hosts;
mod scale;
mod streams;
mod support;
mod transforms;
