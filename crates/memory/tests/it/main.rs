//! The tracking allocator, installed. One program, one set of figures: every test that compares them takes the
//! lock, and the harness' own threads are allowed a little slack.

use std::alloc::System;

use graphbit_memory::Tracking;

#[cfg(test)] // tells Clippy that its helpers, too, may fail loudly
mod accounts;
#[cfg(test)]
mod allocator;
#[cfg(test)]
mod budget;
#[cfg(test)]
mod exactness;
#[cfg(test)]
mod layouts;
#[cfg(test)]
mod release;
#[cfg(test)]
mod scoped;

#[global_allocator]
static ALLOCATOR: Tracking<System> = Tracking::new(System);

#[cfg(test)]
static ALONE: std::sync::Mutex<()> = std::sync::Mutex::new(());

#[cfg(test)]
fn alone() -> std::sync::MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
