//! `tracking`: throughput and latency with the tracking allocator and without it: of the engine, by two programs of the same
//! code, and of the npm package, by two builds of its library. All take turns against the same server.

use std::process::Command;

use graphbit_testkit::{Reply, Script, Server};

use crate::Result;
use crate::floor::{self, CONCURRENCY, Column, Figures};

/// What is measured, and by whom: without the allocator and with it.
const CONTENDERS: [(&str, [&str; 2]); 2] = [
    ("engine", ["engine, untracked", "engine, tracked"]),
    ("npm package", ["npm, untracked", "npm, tracked"]),
];

/// A contender's program; `None` where there is no such build of the package.
fn program(name: &str) -> Result<Option<Command>> {
    let sibling = |name: &str| -> Result<Command> {
        let mut command = Command::new(std::env::current_exe()?.with_file_name(name));
        command.args(["floor-contender", "engine"]);
        Ok(command)
    };
    Ok(match name {
        "engine, untracked" => Some(sibling("graphbit-bench-untracked")?),
        "engine, tracked" => Some(sibling("graphbit-bench")?),
        "npm, tracked" => std::env::var_os("GRAPHBIT_UNTRACKED").map(|_| floor::node()),
        _ => std::env::var_os("GRAPHBIT_UNTRACKED").map(|folder| {
            let mut command = floor::node();
            command.env("GRAPHBIT_PACKAGE", folder);
            command
        }),
    })
}

/// Runs all so often, and prints what tracking adds: the median of the rounds' ratios, and between which two it lies.
pub(crate) fn compare(rounds: &str) -> Result {
    let (rounds, count) = (rounds.parse::<usize>()?, 5_000);
    let script = Script::default().otherwise(Reply::filled(64));
    let server = Server::builder(script).journal_limit(0).start_in_thread()?;
    println!(
        "{rounds} rounds of {count} workflows of three calls, {CONCURRENCY} at once, then 1,000 one at a time"
    );
    println!("tracked / untracked: the median of all rounds, and the interval that holds it 19 times in 20");
    for (what, names) in CONTENDERS {
        let mut all: Vec<[Figures; 2]> = Vec::new();
        for round in 0..rounds {
            let run = |name| -> Result<Option<Figures>> {
                let Some(command) = program(name)? else { return Ok(None) };
                floor::read(name, command, server.base_url().as_ref(), count, 0).map(Some)
            };
            let [without, with] = names;
            // Each begins as often as the other.
            let (without, with) = if round % 2 == 0 {
                (run(without)?, run(with)?)
            } else {
                let with = run(with)?;
                (run(without)?, with)
            };
            let (Some(without), Some(with)) = (without, with) else { break };
            all.push([without, with]);
        }
        report(what, &all);
    }
    Ok(())
}

fn report(what: &str, all: &[[Figures; 2]]) {
    let columns: [(&str, &str, Column); 3] = [
        ("CPU", "s / 1,000 workflows", |figures| figures.cpu_seconds_per_1000),
        ("time, many at once", "s / 1,000 workflows", |figures| 1000.0 / figures.workflows_per_second),
        ("time, one at a time", "\u{b5}s", |figures| figures.micros_alone),
    ];
    for (title, unit, read) in columns {
        let mut ratios: Vec<f64> = all.iter().map(|[without, with]| read(with) / read(without)).collect();
        ratios.sort_by(f64::total_cmp);
        let without = floor::median(all.iter().map(|[without, _]| read(without)));
        let with = floor::median(all.iter().map(|[_, with]| read(with)));
        if let Some([median, low, high]) = median_and_bounds(&ratios) {
            println!(
                "{what:<12}{title:<20} {without:>9.3} \u{2192} {with:>9.3} {unit:<20} {median:>6.3} [{low:.3}, {high:.3}]"
            );
        }
    }
}

/// The median of sorted values, and the two that enclose it in 19 of 20 such samples, whatever the values' distribution: how
/// many lie below it is binomial.
fn median_and_bounds(sorted: &[f64]) -> Option<[f64; 3]> {
    let half = sorted.len() as f64 / 2.0;
    let reach = 0.98 * (sorted.len() as f64).sqrt();
    let at = |index: f64| sorted.get((index.max(0.0) as usize).min(sorted.len().checked_sub(1)?)).copied();
    Some([at(half)?, at(half - reach)?, at((half + reach).ceil())?])
}
