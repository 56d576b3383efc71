//! What every source file keeps to: a head, a size, and nothing left to do.

use super::Finding;
use super::files::File;

/// A longer file holds two ideas.
const MOST_LINES: usize = 450;

/// Files that people write and read; lock files and recorded data are as long as they are.
const WRITTEN: &[&str] =
    &["cjs", "css", "html", "js", "md", "mjs", "mts", "py", "rs", "sh", "toml", "ts", "yaml", "yml"];

/// Languages of code.
const CODE: &[&str] = &["cjs", "js", "mjs", "mts", "rs", "ts"];

/// Where code that ships lives, or that readers start from.
const SHIPS: &[&str] = &["bindings/", "crates/", "examples/"];

/// Marks of unfinished work, each in two halves so that this file carries none.
const MARKS: &[(&str, &str)] = &[("TO", "DO"), ("FIX", "ME"), ("XX", "X"), ("HA", "CK")];

/// A Rust module says first what it owns; the tests of a file are about that file, as their name and place say.
pub(crate) fn head(file: &File) -> Option<Finding> {
    let speaks_for_itself = file.path.ends_with("/tests.rs");
    let missing = file.ending() == "rs" && !speaks_for_itself && !file.text.starts_with("//!");
    missing.then(|| {
        format!("{}:1: a module begins with `//!`: what it owns, what it leaves to others", file.path)
    })
}

/// A file is short enough to be one idea.
pub(crate) fn size(file: &File) -> Option<Finding> {
    let lines = file.text.lines().count();
    let long = lines > MOST_LINES && WRITTEN.contains(&file.ending());
    long.then(|| format!("{}: {lines} lines, at most {MOST_LINES}: split it by its ideas", file.path))
}

/// Code that ships is finished.
pub(crate) fn marks(file: &File) -> Vec<Finding> {
    if !CODE.contains(&file.ending()) || !SHIPS.iter().any(|folder| file.path.starts_with(folder)) {
        return Vec::new();
    }
    let marks = MARKS.iter().map(|(one, two)| format!("{one}{two}"));
    let mut findings = Vec::new();
    for mark in marks {
        for (number, line) in file.text.lines().enumerate() {
            let is_word = |c: char| c.is_alphanumeric() || c == '_';
            if line.split(|c| !is_word(c)).any(|word| word == mark) {
                findings.push(format!("{}:{}: `{mark}` in code that ships", file.path, number + 1));
            }
        }
    }
    findings
}
