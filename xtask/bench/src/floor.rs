//! `floor`: the same three-call workflows by a plain program on the same HTTP client, by the engine in Rust, and through Node.
//! It shows what the engine and the border to JavaScript cost on top of what the network costs anyway.

mod engine;
mod plain;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use graphbit_testkit::{Reply, Script, Server};
use serde_json::Value;

use crate::Result;

/// Workflows at once.
pub(crate) const CONCURRENCY: usize = 64;

/// The prompt that the server never answers, so that a workflow waits in its second call.
pub(crate) const PARK: &str = "wait here";

/// What a contender prints, as JSON.
#[derive(Debug)]
pub(crate) struct Figures {
    pub(crate) workflows_per_second: f64,
    pub(crate) cpu_seconds_per_1000: f64,
    pub(crate) live_bytes_per_waiting: f64,
    pub(crate) rss_bytes_per_waiting: f64,
    /// Of one workflow at a time, the median; only the engine's.
    pub(crate) micros_alone: f64,
}

/// One figure of a contender.
pub(crate) type Column = fn(&Figures) -> f64;

const CONTENDERS: [&str; 3] = ["plain", "engine", "node"];

/// Runs every contender `rounds` times and prints the medians and their ratios to the plain program.
pub(crate) fn compare(options: &[&str]) -> Result {
    let mut settings = BTreeMap::from([("--count", 6000_usize), ("--waiting", 1000), ("--rounds", 3)]);
    for pair in options.chunks(2) {
        let [name, value] = pair else { return Err("every option takes a number".into()) };
        *settings.get_mut(name).ok_or("the options are --count, --waiting and --rounds")? = value.parse()?;
    }
    let [count, waiting, rounds] =
        ["--count", "--waiting", "--rounds"].map(|name| settings.get(name).copied().unwrap_or(1));
    let script = Script::default().when_contains(PARK, Reply::text("").never()).otherwise(Reply::filled(64));
    let server = Server::builder(script).journal_limit(0).start_in_thread()?;
    println!(
        "{count} workflows of three calls, {CONCURRENCY} at once; {waiting} waiting; median of {rounds} rounds"
    );

    let mut all: BTreeMap<&str, Vec<Figures>> = BTreeMap::new();
    for _ in 0..rounds {
        for name in CONTENDERS {
            all.entry(name).or_default().push(run(name, server.base_url().as_ref(), count, waiting)?);
        }
    }
    let columns: [(&str, Column); 4] = [
        ("workflows/s", |figures| figures.workflows_per_second),
        ("CPU s/1,000", |figures| figures.cpu_seconds_per_1000),
        ("live B/waiting", |figures| figures.live_bytes_per_waiting),
        ("RSS B/waiting", |figures| figures.rss_bytes_per_waiting),
    ];
    println!("{:<8}{}", "", columns.map(|(title, _)| format!("{title:>24}")).concat());
    let middle = |name: &str, read: Column| median(all.get(name).into_iter().flatten().map(read));
    let plain = columns.map(|(_, read)| middle("plain", read));
    for name in CONTENDERS {
        let cells = columns.iter().zip(plain).map(|((_, read), plain)| {
            let value = middle(name, *read);
            let shown = if value < 10.0 { format!("{value:.3}") } else { format!("{value:.0}") };
            format!("{shown:>15} ({:>5.2}×)", value / plain)
        });
        println!("{name:<8}{}", cells.collect::<String>());
    }
    println!("live bytes of node are the native library's; its JavaScript heap is on the lines above");
    Ok(())
}

/// One contender, in a process of its own.
pub(crate) fn contend(name: &str, base_url: &str, counts: &str) -> Result {
    let (count, waiting) = counts.split_once(',').ok_or("counts are COUNT,WAITING")?;
    let (count, waiting) = (count.parse()?, waiting.parse()?);
    let figures = match name {
        "plain" => plain::run(base_url, count, waiting)?,
        "engine" => engine::run(base_url, count, waiting)?,
        other => return Err(format!("no contender {other}").into()),
    };
    println!(
        "{}",
        serde_json::json!({
            "workflowsPerSecond": figures.workflows_per_second,
            "cpuSecondsPer1000": figures.cpu_seconds_per_1000,
            "liveBytesPerWaiting": figures.live_bytes_per_waiting,
            "rssBytesPerWaiting": figures.rss_bytes_per_waiting,
            "microsAlone": figures.micros_alone,
        })
    );
    Ok(())
}

fn run(name: &str, base_url: &str, count: usize, waiting: usize) -> Result<Figures> {
    let command = if name == "node" {
        node()
    } else {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["floor-contender", name]);
        command
    };
    read(name, command, base_url, count, waiting)
}

/// How long those that wait are given until each does.
fn settling(waiting: usize) -> Duration {
    Duration::from_secs(if waiting == 0 { 0 } else { 3 })
}

/// The contender in Node.
pub(crate) fn node() -> Command {
    let mut command = Command::new("node");
    command.arg("--expose-gc").arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("floor.mjs"));
    command
}

/// What a contender prints.
pub(crate) fn read(
    name: &str,
    mut command: Command,
    base_url: &str,
    count: usize,
    waiting: usize,
) -> Result<Figures> {
    let output = command.args([base_url, &format!("{count},{waiting}")]).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(format!("{name} ended with {}", output.status).into());
    }
    let read: Value = serde_json::from_slice(&output.stdout)?;
    let number = |key: &str| read.get(key).and_then(Value::as_f64).ok_or(format!("{name} printed no {key}"));
    Ok(Figures {
        workflows_per_second: number("workflowsPerSecond")?,
        cpu_seconds_per_1000: number("cpuSecondsPer1000")?,
        live_bytes_per_waiting: number("liveBytesPerWaiting")?,
        rss_bytes_per_waiting: number("rssBytesPerWaiting")?,
        micros_alone: number("microsAlone").unwrap_or(f64::NAN),
    })
}

/// The one in the middle, or the mean of the two that are.
pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    let middle =
        values.get(half - usize::from(half > 0 && values.len().is_multiple_of(2))..=half).unwrap_or_default();
    middle.iter().sum::<f64>() / middle.len() as f64
}

/// The input of the n-th workflow: 200 bytes, each its own.
pub(crate) fn input(index: usize) -> String {
    format!("{index:08} {}", "words ".repeat(32))
}

/// A three-call workflow's prompts: each sends on what came back. A parked one waits in the second call.
pub(crate) fn second_prompt(parked: bool, reply: &str) -> String {
    if parked { format!("{PARK} {reply}") } else { reply.to_owned() }
}
