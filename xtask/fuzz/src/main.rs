//! `graphbit-fuzz [TARGET…] [--minutes N | --seconds N] [--seed S] [--seeds DIR] [--input FILE]`: damaged replies through the
//! framings and decoders. Nothing panics or hangs, memory stays within bounds, events come in order, and where the network
//! cut a body changes nothing. An input for which that is not so is written to a file.
//!
//! `target`: what is fuzzed · `seeds`: what inputs are made from · `mutate`: how · `check`: what must hold · `campaign`: one
//! target for some time.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program that reports")]

mod campaign;
mod check;
mod corpus;
mod cuts;
mod event_stream;
mod finding;
mod json;
mod memory;
mod mutate;
mod options;
mod order;
mod seeds;
mod target;
#[cfg(test)]
mod tests;
mod watchdog;

use std::alloc::System;
use std::process::ExitCode;

use graphbit_memory::Tracking;

use campaign::Campaign;
use corpus::Corpus;
use options::Options;
use seeds::Seeds;
use watchdog::Watchdog;

/// Counts what the readers hold.
#[global_allocator]
static ALLOCATOR: Tracking<System> = Tracking::new(System);

fn main() -> ExitCode {
    match Options::read(std::env::args().skip(1)).and_then(|options| run(&options)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}

/// Whether nothing was found.
fn run(options: &Options) -> Result<bool, String> {
    let targets = target::targets(&options.targets)?;
    let watchdog = Watchdog::start();
    check::silence_panics();
    if let Some(path) = &options.input {
        let input = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let clean = targets.iter().filter(|target| {
            let mut campaign = Campaign::new(target, &watchdog);
            campaign.read(&input);
            campaign.is_clean()
        });
        return Ok(clean.count() == targets.len());
    }

    let mut seeds = Seeds::written();
    if let Some(dir) = &options.seeds {
        seeds.add_recorded(dir).map_err(|error| error.to_string())?;
    }
    println!("seed {}, {} s a target", options.seed, options.time.as_secs_f64());
    println!("{}", Campaign::head());
    let mut clean = true;
    for target in &targets {
        let mut campaign = Campaign::new(target, &watchdog);
        campaign.run(&mut Corpus::new(seeds.of(target.reader)), options.seed, options.time);
        println!("{campaign}");
        clean &= campaign.is_clean();
    }
    Ok(clean)
}
