//! Policies around a model, one file each. A layer is a model itself, so they stack.

mod retry;

pub use retry::Retry;
