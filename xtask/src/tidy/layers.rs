//! Which crate may know which: arrows point down only, and crates of one layer do not know each other.

use super::Finding;
use crate::cargo::Package;

/// The product, lowest layer first.
const LAYERS: &[&[&str]] = &[
    &["graphbit-core"],
    &["graphbit-llm", "graphbit-memory"],
    &["graphbit-executor"],
    &["graphbit-node"],
    &["graphbit-bindings-node"],
];

/// Programs on top: they may know every layer and the testkit, and nobody knows them.
const PROGRAMS: &[&str] =
    &["graphbit-bench", "graphbit-examples", "graphbit-fuzz", "graphbit-replay", "xtask"];

/// For tests: anyone's dev-dependency, and the programs' own.
const TESTKIT: &str = "graphbit-testkit";

/// The arrows that ship; what only tests see may point anywhere.
pub(crate) fn check(packages: &[Package]) -> Vec<Finding> {
    let ours = |name: &str| packages.iter().any(|package| package.name == name);
    let mut findings = Vec::new();
    for package in packages {
        let from = package.name.as_str();
        if layer(from).is_none() && !PROGRAMS.contains(&from) && from != TESTKIT {
            findings.push(format!("{from} has no layer: give it one in xtask/src/tidy/layers.rs"));
            continue;
        }
        for to in package.dependencies.iter().filter(|to| !to.dev && ours(&to.name)) {
            if let Err(why) = arrow(from, &to.name) {
                findings.push(format!("{from} depends on {}: {why}", to.name));
            }
        }
    }
    findings
}

fn arrow(from: &str, to: &str) -> Result<(), &'static str> {
    match (layer(from), layer(to)) {
        _ if PROGRAMS.contains(&to) => Err("nobody knows a program"),
        _ if PROGRAMS.contains(&from) => Ok(()),
        _ if to == TESTKIT => Err("outside programs, the testkit is a dev-dependency"),
        _ if from == TESTKIT && to != "graphbit-core" => {
            Err("of the product, the testkit knows the core at most")
        }
        (Some(from), Some(to)) if from < to => Err("the arrow points up"),
        (Some(from), Some(to)) if from == to => Err("crates of one layer do not know each other"),
        _ => Ok(()),
    }
}

fn layer(name: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&name))
}
