//! `graphbit-bench`: contenders run one after the other in processes of their own, against one server in this one.
//! Figures are ratios: the machine's speed cancels out as far as it stays the same for a minute.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program that reports")]

mod container;
mod floor;
mod script;
mod tracking;
mod usage;

use std::alloc::System;
use std::process::ExitCode;

use graphbit_memory::Tracking;

/// The contenders in Rust are tracked as the npm package is.
#[global_allocator]
static ALLOCATOR: Tracking<System> = Tracking::new(System);

/// Whatever went wrong, in words.
type Result<T = (), E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["floor", options @ ..] => floor::compare(options),
        ["base", rest @ ..] => script::run("base.mjs", floor::PARK, rest),
        ["border"] => script::run("border.mjs", floor::PARK, &[]),
        ["stream", rest @ ..] => script::run("stream.mjs", floor::PARK, rest),
        ["leak", rest @ ..] => {
            let fixed = ["--min-semi-space-size=1", "--max-semi-space-size=1"];
            script::run("leak.mjs", floor::PARK, rest)
                .and_then(|()| script::run_with(&fixed, "leak.mjs", floor::PARK, rest))
        }
        ["tracking"] => tracking::compare("20"),
        ["tracking", rounds] => tracking::compare(rounds),
        ["container"] => container::run("10000"),
        ["container", count] => container::run(count),
        ["given-back", rest @ ..] => script::run("given-back.mjs", floor::PARK, rest),
        ["floor-contender", name, base_url, count] => floor::contend(name, base_url, count),
        _ => {
            Err("usage: graphbit-bench floor [--count N] [--waiting N] [--rounds N] | base [ROUNDS] | border | given-back [COUNT [BURSTS]] | container [COUNT] | stream [GB [FILE]] | leak [COUNT] | tracking [ROUNDS]"
                .into())
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
