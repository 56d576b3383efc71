//! The JavaScript-shaped API: native classes that the npm package's TypeScript facade wraps. Values cross as text, promises
//! settle through one queue an environment, errors are built as objects on the JavaScript thread.
//!
//! This crate has no Rust API: its functions are registered with N-API when the library that links it is loaded.

#![expect(unreachable_pub, reason = "what N-API exports must be pub in its module")]
#![expect(clippy::needless_pass_by_value, reason = "N-API hands every argument over as an owned value")]
#![expect(unsafe_code, reason = "N-API is a C interface; event_loop.rs and js.rs hold all of it")]

mod around;
mod cancel;
mod client;
mod config;
mod embed;
mod error;
mod event_loop;
mod events;
mod executor;
mod garbage;
mod host;
mod js;
mod memory;
mod promise;
mod result;
mod run;
mod runs;
mod stream;
mod system;
mod timeline;
mod trace;
mod weight;
mod workflow;

/// Keeps the registrations of this crate in the library that links it.
pub const fn link() {}
