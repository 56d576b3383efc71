//! `bench allocators`: builds the program of `xtask/allocators` with each allocator and lets it measure itself. With
//! `--library` also the npm package's library on each: its size, and how long a build from nothing took.

use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use serde_json::Value;

use crate::args::Args;
use crate::cargo::{self, cargo};
use crate::{Result, sh};

/// A row: its name, the features it is built with, whether it is asked to purge, and the environment it runs in.
type Contender = (&'static str, &'static str, bool, &'static [(&'static str, &'static str)]);

const CONTENDERS: &[Contender] = &[
    ("system", "", false, &[]),
    ("system, one arena", "", false, &[("MALLOC_ARENA_MAX", "1")]),
    (
        "system, tuned",
        "",
        false,
        &[
            ("MALLOC_ARENA_MAX", "2"),
            ("MALLOC_TRIM_THRESHOLD_", "131072"),
            ("MALLOC_MMAP_THRESHOLD_", "131072"),
        ],
    ),
    (
        "system, 4 KB mapped",
        "",
        false,
        &[("MALLOC_MMAP_THRESHOLD_", "4096"), ("MALLOC_MMAP_MAX_", "1000000")],
    ),
    ("system, trimmed", "", true, &[]),
    ("mimalloc 3", "mimalloc", false, &[]),
    ("mimalloc 3, no delay", "mimalloc", false, &[("MIMALLOC_PURGE_DELAY", "0")]),
    ("mimalloc 3, collected", "mimalloc", true, &[]),
    ("mimalloc 2", "mimalloc-2", false, &[]),
    ("mimalloc 2, collected", "mimalloc-2", true, &[]),
    ("jemalloc", "jemalloc", false, &[]),
    (
        "jemalloc, decay 500 ms",
        "jemalloc",
        false,
        &[("_RJEM_MALLOC_CONF", "background_thread:true,dirty_decay_ms:500,muzzy_decay_ms:0")],
    ),
    ("jemalloc, purged", "jemalloc", true, &[]),
];

const MANIFEST: &str = "xtask/allocators/Cargo.toml";

/// The command.
pub(super) fn run(mut args: Args) -> Result {
    let libraries = args.flag("--library");
    args.finish()?;
    let choices = ["", "mimalloc", "mimalloc-2", "jemalloc"];
    for features in choices {
        sh::run(build(features, &[]).args(["--bin", "allocators"]))?;
    }
    println!(
        "\nbursts of 612 MB: resident MB at the peak and 1 s after the end, share of what all bursts added that is given back; ms of a purge, µs it held others up"
    );
    for (name, features, purge, environment) in CONTENDERS {
        let mut command = Command::new(program(features));
        command.arg("burst").args(purge.then_some("purge")).envs(environment.iter().copied());
        println!("{name:<24}{}", bursts(&measured(&mut command)?));
    }
    println!(
        "\nns an allocation and its free: 16-527 bytes, two threads, freed elsewhere, 4-12 KB; bytes of a waiting object asked for and resident; resident MB at the start"
    );
    for features in choices {
        let ask = |mode: &str| measured(Command::new(program(features)).arg(mode));
        let (speed, waiting, base) = (ask("speed")?, ask("waiting")?, ask("base")?);
        let speeds = ["oneThread", "twoThreads", "freedElsewhere", "buffers"].map(|key| number(&speed, key));
        let speeds: String = speeds.iter().map(|ns| format!("{ns:>8.1}")).collect();
        println!(
            "{:<24}{speeds}{:>9}{:>9}{:>7.1}",
            title(features),
            number(&waiting, "asked"),
            number(&waiting, "rss"),
            megabytes(number(&base, "rss"))
        );
    }
    for features in choices.iter().filter(|_| libraries) {
        let folder = folder(features).join("library");
        let _ = std::fs::remove_dir_all(&folder);
        let began = Instant::now();
        sh::run(build(features, &["library"]).arg("--lib").arg("--target-dir").arg(&folder))?;
        let seconds = began.elapsed().as_secs();
        let file = folder.join(format!(
            "release/{}graphbit{}",
            std::env::consts::DLL_PREFIX,
            std::env::consts::DLL_SUFFIX
        ));
        let bytes = std::fs::metadata(&file).map_err(|error| format!("{}: {error}", file.display()))?.len();
        println!("{:<24}{bytes} bytes, built from nothing in {seconds} s", title(features));
    }
    Ok(())
}

fn title(features: &str) -> &str {
    if features.is_empty() { "system" } else { features }
}

fn folder(features: &str) -> PathBuf {
    sh::root().join("target/allocators").join(title(features))
}

fn program(features: &str) -> PathBuf {
    folder(features).join("release").join(format!("allocators{}", std::env::consts::EXE_SUFFIX))
}

fn build(features: &str, more: &[&str]) -> Command {
    let mut command = cargo("build");
    command.args([cargo::RELEASE, "--manifest-path", MANIFEST, "--features"]);
    command.arg([&[features], more].concat().join(","));
    if more.is_empty() {
        command.arg("--target-dir").arg(folder(features));
    }
    command
}

fn measured(command: &mut Command) -> Result<Value> {
    serde_json::from_str(&sh::ask(command)?).map_err(|error| format!("allocators: {error}"))
}

fn bursts(list: &Value) -> String {
    let list = list.as_array().map_or(&[][..], Vec::as_slice);
    let before = list.first().map_or(f64::NAN, |first| number(first, "before"));
    let burst = |burst: &Value| {
        let [peak, after] = ["peak", "afterOneSecond"].map(|key| number(burst, key));
        let back = 100.0 * (peak - after) / (peak - before);
        format!(
            "{:>8.0}{:>7.0}{back:>7.1} %{:>7.0}{:>8.0}",
            megabytes(peak),
            megabytes(after),
            number(burst, "purgeMs"),
            number(burst, "pauseUs")
        )
    };
    list.iter().map(burst).collect()
}

fn number(value: &Value, key: &str) -> f64 {
    value.get(key).and_then(Value::as_f64).unwrap_or(f64::NAN)
}

fn megabytes(bytes: f64) -> f64 {
    bytes / 1024.0 / 1024.0
}
