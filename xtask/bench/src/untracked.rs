//! The engine as a contender without the tracking allocator, for `graphbit-bench tracking`.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program that reports")]
#![expect(dead_code, reason = "the same code, of which this program is one contender only")]

mod floor;
mod usage;

use std::process::ExitCode;

/// Whatever went wrong, in words.
type Result<T = (), E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["floor-contender", name, base_url, count] => floor::contend(name, base_url, count),
        _ => Err("usage: graphbit-bench-untracked floor-contender NAME URL COUNT,WAITING".into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
