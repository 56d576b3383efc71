//! `tracking`: processor time, throughput and latency with the tracking allocator and without it: of the engine, by two programs of
//! the same code, and of the npm package, by two builds of its library. The two of a pair take turns against the same server.

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
    let (rounds, count) = (rounds.parse::<usize>()?, 20_000);
    let script = Script::default().otherwise(Reply::filled(64));
    let server = Server::builder(script).journal_limit(0).start_in_thread()?;
    println!(
        "{rounds} rounds of {count} workflows of three calls, {CONCURRENCY} at once, then 1,000 one at a time"
    );
    println!("tracked / untracked: the median of all rounds, and the interval that holds it 19 times in 20");
    for (what, names) in CONTENDERS {
        let mut all: Vec<[Figures; 2]> = Vec::new();
        for round in 0..rounds {
            let [Some(without), Some(with)] = [program(names[0])?, program(names[1])?] else { break };
            let run = |command| floor::read(what, command, server.base_url().as_ref(), count, 0);
            // Each begins as often as the other.
            all.push(if round % 2 == 0 {
                [run(without)?, run(with)?]
            } else {
                let with = run(with)?;
                [run(without)?, with]
            });
        }
        report(what, &all);
    }
    Ok(())
}

fn report(what: &str, all: &[[Figures; 2]]) {
    if all.is_empty() {
        return; // there is no such build
    }
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
        let median = floor::median(ratios.iter().copied());
        let interval = bounds(ratios.len()).and_then(|(low, high)| ratios.get(low).zip(ratios.get(high)));
        let interval = interval.map_or(String::new(), |(low, high)| format!(" [{low:.3}, {high:.3}]"));
        println!(
            "{what:<12}{title:<20} {without:>9.3} \u{2192} {with:>9.3} {unit:<20} {median:>6.3}{interval}"
        );
    }
}

/// Which of so many sorted values have the median of all that there could be between them, 19 times in 20: how many lie below it is
/// binomial, whatever their distribution. `None` where they are too few.
fn bounds(count: usize) -> Option<(usize, usize)> {
    let (mut below, mut tail, mut term) = (0, 0.0, 0.5_f64.powi(i32::try_from(count).ok()?));
    while below < count / 2 && tail + term <= 0.025 {
        tail += term;
        below += 1;
        term *= (count + 1 - below) as f64 / below as f64;
    }
    Some((below.checked_sub(1)?, count - below))
}

#[cfg(test)]
mod tests {
    use super::bounds;

    #[test]
    fn bounds_are_those_of_the_sign_test() {
        // Tables of the binomial distribution: 40 values need ranks 14 and 27, fewer than 6 are too few.
        assert_eq!(bounds(40), Some((13, 26)));
        assert_eq!(bounds(21), Some((5, 15)));
        assert_eq!(bounds(8), Some((0, 7)));
        assert_eq!((bounds(6), bounds(5), bounds(0)), (Some((0, 5)), None, None));
    }
}
