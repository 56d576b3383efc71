//! `tracking`: throughput and latency with the tracking allocator and without it: of the engine, by two programs of the same
//! code, and of the npm package, by two builds of its library. All take turns against the same server.

use std::collections::BTreeMap;
use std::process::Command;

use graphbit_testkit::{Reply, Script, Server};

use crate::Result;
use crate::floor::{self, CONCURRENCY, Column, Figures};

/// Makes one figure of those of all rounds.
type Pick = fn(Option<&Vec<Figures>>, Column) -> f64;

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

/// Runs all so often and prints medians, the best rounds, and their ratios.
pub(crate) fn compare(rounds: &str) -> Result {
    let (rounds, count, waiting) = (rounds.parse::<usize>()?, 20_000, 100);
    let script =
        Script::default().when_contains(floor::PARK, Reply::text("").never()).otherwise(Reply::filled(64));
    let server = Server::builder(script).journal_limit(0).start_in_thread()?;
    println!(
        "{count} workflows of three calls, {CONCURRENCY} at once, then 1,000 one at a time; {rounds} rounds"
    );
    let mut all: BTreeMap<&str, Vec<Figures>> = BTreeMap::new();
    for round in 0..rounds {
        for (_, names) in CONTENDERS {
            for turn in 0..names.len() {
                // Each begins as often as the other.
                let Some(name) = names.get((round + turn) % names.len()) else { continue };
                let Some(command) = program(name)? else { continue };
                let figures = floor::read(name, command, server.base_url().as_ref(), count, waiting)?;
                all.entry(name).or_default().push(figures);
            }
        }
    }
    let columns: [(&str, Column); 3] = [
        ("workflows/s", |figures| figures.workflows_per_second),
        ("CPU s/1,000", |figures| figures.cpu_seconds_per_1000),
        ("\u{b5}s alone", |figures| figures.micros_alone),
    ];
    println!("{:<30}{}", "", columns.map(|(title, _)| format!("{title:>14}")).concat());
    let line = |name: &str, values: [f64; 3]| {
        let cells = values.map(|value| format!("{value:>14.3}"));
        println!("{name:<30}{}", cells.concat());
    };
    // Whatever else the machine does only adds to what a program takes: its best round says most about itself.
    let best = |figures: Option<&Vec<Figures>>, read: Column| {
        figures.into_iter().flatten().map(read).min_by(f64::total_cmp).unwrap_or(f64::NAN)
    };
    let per_second = |figures: &Figures| 1.0 / figures.workflows_per_second;
    for ((what, names), (of, pick)) in CONTENDERS
        .into_iter()
        .flat_map(|one| [(one, ("median", floor::median as Pick)), (one, ("best", best))])
    {
        if !names.iter().all(|name| all.contains_key(name)) {
            continue;
        }
        let [without, with] = names.map(|name| {
            let figures = all.get(name);
            let [_, cpu, alone] = columns.map(|(_, read)| pick(figures, read));
            [1.0 / pick(figures, per_second), cpu, alone]
        });
        line(&format!("{what} untracked, {of}"), without);
        line(&format!("  tracked, {of}"), with);
        let [a, b, c] = without;
        let [x, y, z] = with;
        line(&format!("  ratio, {of}"), [x / a, y / b, z / c]);
    }
    Ok(())
}
