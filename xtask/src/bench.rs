//! `bench`: hands over to the programs of `graphbit-bench`.

use crate::args::Args;
use crate::cargo::{self, cargo};
use crate::{Result, sh};

/// Name, and what it measures.
const BENCHES: &[(&str, &str)] = &[("floor", "GraphBit against hand-written loops on the same work")];

/// The command.
pub(crate) fn run(mut args: Args) -> Result {
    let name = args.next().unwrap_or_default();
    if !BENCHES.iter().any(|(known, _)| *known == name) {
        let list: Vec<String> = BENCHES.iter().map(|(name, what)| format!("{name} ({what})")).collect();
        return Err(format!("which one? {}", list.join(", ")));
    }
    sh::run(cargo("run").args([cargo::RELEASE, "--package", "graphbit-bench", "--", &name]).args(args.rest()))
}
