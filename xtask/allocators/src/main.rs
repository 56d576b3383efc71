//! `allocators MODE`: measures the allocator this program was built with, and prints one JSON object.
//!
//! `burst` how much of a burst's memory goes back to the system · `speed` allocations and frees of small blocks ·
//! `waiting` resident bytes of objects like a connection that waits · `base` resident bytes at the start.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program that reports")]

mod allocator;
mod burst;
mod purge;
mod rss;
mod speed;
mod waiting;

use std::process::ExitCode;

/// Whatever went wrong, in words.
type Result<T = (), E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["burst"] => burst::run(false),
        ["burst", "purge"] => burst::run(true),
        ["speed"] => speed::run(),
        ["waiting"] => waiting::run(),
        ["base"] => rss::bytes().map(|bytes| println!("{{\"rss\":{bytes}}}")),
        _ => Err("usage: allocators burst [purge] | speed | waiting | base".into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
