//! Policies around a model, one file each. A layer is a model itself, so they stack.

mod backoff;
mod retry;

pub(crate) use backoff::Backoff;
pub use retry::Retry;
