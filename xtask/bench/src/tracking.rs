//! `tracking`: the engine's throughput and latency with the tracking allocator and without it. Two programs of the same code,
//! turn by turn against the same server.

use std::collections::BTreeMap;
use std::process::Command;

use graphbit_testkit::{Reply, Script, Server};

use crate::Result;
use crate::floor::{self, CONCURRENCY, Column, Figures};

const PROGRAMS: [&str; 2] = ["graphbit-bench-untracked", "graphbit-bench"];

/// Runs both so often and prints the medians and their ratio.
pub(crate) fn compare(rounds: &str) -> Result {
    let (rounds, count, waiting) = (rounds.parse::<usize>()?, 6000, 100);
    let script =
        Script::default().when_contains(floor::PARK, Reply::text("").never()).otherwise(Reply::filled(64));
    let server = Server::builder(script).journal_limit(0).start_in_thread()?;
    println!(
        "{count} workflows of three calls, {CONCURRENCY} at once, then 1,000 one at a time; median of {rounds} rounds"
    );
    let mut all: BTreeMap<&str, Vec<Figures>> = BTreeMap::new();
    for round in 0..rounds {
        for turn in 0..PROGRAMS.len() {
            // Each begins as often as the other.
            let Some(name) = PROGRAMS.get((round + turn) % PROGRAMS.len()) else { continue };
            let mut command = Command::new(std::env::current_exe()?.with_file_name(name));
            command.args(["floor-contender", "engine"]);
            let figures = floor::read(name, command, server.base_url().as_ref(), count, waiting)?;
            all.entry(name).or_default().push(figures);
        }
    }
    let columns: [(&str, Column); 3] = [
        ("workflows/s", |figures| figures.workflows_per_second),
        ("CPU s/1,000", |figures| figures.cpu_seconds_per_1000),
        ("\u{b5}s alone", |figures| figures.micros_alone),
    ];
    println!("{:<14}{}", "", columns.map(|(title, _)| format!("{title:>14}")).concat());
    let [without, with] = PROGRAMS.map(|name| columns.map(|(_, read)| floor::median(all.get(name), read)));
    let line = |name: &str, values: [f64; 3]| {
        let cells = values.map(|value| format!("{value:>14.3}"));
        println!("{name:<14}{}", cells.concat());
    };
    line("untracked", without);
    line("tracked", with);
    let [a, b, c] = without;
    let [x, y, z] = with;
    line("ratio", [x / a, y / b, z / c]);
    Ok(())
}
