//! What calls keep in memory, counted by the tracking allocator. The server is another process, so that only the client is
//! counted, and one test runs at a time.
//! Figures: `cargo test -p graphbit-llm --test memory --release -- --nocapture`.

#[cfg(test)]
mod ahead;
#[cfg(test)]
mod bounds;
#[cfg(test)]
mod frames;
#[cfg(test)]
mod gemini;
#[cfg(test)]
mod server;
#[cfg(test)]
mod support;
#[cfg(test)]
mod waiting;

use std::alloc::System;

use graphbit_memory::Tracking;

#[global_allocator]
static ALLOCATOR: Tracking<System> = Tracking::new(System);
