//! The tracking allocator, installed. One program, one set of figures: every test that compares them takes the
//! lock, and the harness' own threads are allowed a little slack.

use std::alloc::System;

use graphbit_memory::Tracking;

#[cfg(test)] // tells Clippy that its helpers, too, may fail loudly
mod allocator;

#[global_allocator]
static ALLOCATOR: Tracking<System> = Tracking::new(System);
