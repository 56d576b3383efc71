//! What the README claims: each feature beside other frameworks names the test that holds us to it.

use std::collections::HashSet;

use super::Finding;
use super::files::File;

/// The heading of the column of tests.
const COLUMN: &str = "GraphBit: its test";
/// What stands there for what we do not have.
const NOT_YET: &str = "not yet";

/// Every cell of ours names tests that exist, or says that there is nothing yet.
pub(crate) fn check(files: &[File]) -> Vec<Finding> {
    let readme = files.iter().find(|file| file.path == "README.md");
    let Some(readme) = readme else { return Vec::new() };
    let tests = tests(files);
    let mut findings = Vec::new();
    let mut column = None;
    for (number, line) in (1..).zip(readme.text.lines()) {
        if !line.starts_with('|') {
            column = None;
            continue;
        }
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let Some(place) = column else {
            column = cells.iter().position(|cell| *cell == COLUMN);
            continue;
        };
        let ours = cells.get(place).copied().unwrap_or_default();
        if ours == NOT_YET || ours.chars().all(|c| c == '-') && !ours.is_empty() {
            continue;
        }
        let named: Vec<&str> = ours.split('`').skip(1).step_by(2).collect();
        if named.is_empty() {
            findings.push(format!("README.md:{number}: name a test, or say `{NOT_YET}`"));
        }
        for name in named.into_iter().filter(|name| !tests.contains(name)) {
            findings.push(format!("README.md:{number}: there is no test `{name}`"));
        }
    }
    findings
}

/// The names of all Rust tests: functions below an attribute that ends with `test`.
fn tests(files: &[File]) -> HashSet<&str> {
    let mut names = HashSet::new();
    for file in files.iter().filter(|file| file.ending() == "rs") {
        let mut is_test = false;
        for line in file.text.lines().map(str::trim_start) {
            if line.starts_with("#[") {
                is_test |=
                    line.starts_with("#[test]") || line.contains("::test]") || line.contains("::test(");
            } else if let Some(rest) = line.trim_start_matches("async ").strip_prefix("fn ") {
                names.extend(rest.split('(').next().filter(|_| is_test));
                is_test = false;
            }
        }
    }
    names
}
