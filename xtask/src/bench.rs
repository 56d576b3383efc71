//! `bench`: hands over to the programs of `graphbit-bench`.

mod allocators;

use std::fs;
use std::path::{Path, PathBuf};

use crate::args::Args;
use crate::build_js::{self, Build};
use crate::cargo::{self, cargo};
use crate::{Result, node, sh};

/// Name, and what it measures.
const BENCHES: &[(&str, &str)] = &[
    ("floor", "GraphBit against a hand-written loop on the same work"),
    ("border", "what crossing between JavaScript and the engine costs"),
    ("base", "what the npm package adds to a Node process at rest"),
    ("container", "ten thousand workflows in a container of 512 MB"),
    ("stream", "a gigabyte as a stream with a slow reader, with a picture of the memory it takes"),
    ("leak", "twenty thousand runs, judged by the leak detectors"),
    ("tracking", "the engine and the npm package with the tracking allocator and without it"),
    ("given-back", "how much of a burst's memory goes back to the system"),
    ("allocators", "the same and more of other allocators, built for it: minutes"),
];

/// The command.
pub(crate) fn run(mut args: Args) -> Result {
    let name = args.next().unwrap_or_default();
    if !BENCHES.iter().any(|(known, _)| *known == name) {
        let list: Vec<String> = BENCHES.iter().map(|(name, what)| format!("{name} ({what})")).collect();
        return Err(format!("which one? {}", list.join(", ")));
    }
    if name == "allocators" {
        return allocators::run(args);
    }
    build_js::build(Build::Release)?;
    sh::run(cargo("build").args([cargo::RELEASE, "--package", "graphbit-bench"]))?;
    let mut bench = cargo("run");
    bench.args([cargo::RELEASE, "--package", "graphbit-bench", "--", &name]).args(args.rest());
    if name == "tracking" {
        bench.env("GRAPHBIT_UNTRACKED", untracked_package()?);
    }
    sh::run(&mut bench)
}

/// The npm package as it was just built, but without the tracking allocator.
fn untracked_package() -> Result<PathBuf> {
    let options = [cargo::RELEASE, "--features", "untracked"];
    let library = cargo::artifact("graphbit-bindings-node", "graphbit", &options)?;
    let (from, to) = (build_js::folder(), sh::root().join("target/bench/untracked"));
    let copy = |from: &Path, to: &Path| {
        fs::copy(from, to).map(drop).map_err(|error| format!("{}: {error}", from.display()))
    };
    fs::create_dir_all(to.join("dist")).map_err(|error| format!("{}: {error}", to.display()))?;
    copy(&from.join("package.json"), &to.join("package.json"))?;
    copy(&from.join("dist/index.js"), &to.join("dist/index.js"))?;
    copy(&library, &to.join("dist").join(node::library()))?;
    Ok(to)
}
