//! Counts by dialect, the disagreements, and the verdict.

use std::collections::BTreeMap;
use std::fmt;

/// The least share of exchanges that must agree, in percent.
const LEAST: usize = 99;

/// What was replayed so far.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    dialects: BTreeMap<String, Counts>,
    disagreements: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    agree: usize,
    disagree: usize,
    skipped: usize,
}

impl Tally {
    /// An exchange of a dialect that has no protocol.
    pub(crate) fn skipped(&mut self, dialect: &str) {
        self.counts(dialect).skipped += 1;
    }

    /// An exchange that was read, and what differs.
    pub(crate) fn replayed(&mut self, dialect: &str, name: &str, differences: &[String]) {
        if differences.is_empty() {
            self.counts(dialect).agree += 1;
        } else {
            self.counts(dialect).disagree += 1;
            self.disagreements.push(format!("{name}: {}", differences.join("; ")));
        }
    }

    /// Whether enough agree of those that were read.
    pub(crate) fn is_good(&self) -> bool {
        let all = self.all();
        100 * all.agree >= LEAST * (all.agree + all.disagree)
    }

    fn counts(&mut self, dialect: &str) -> &mut Counts {
        self.dialects.entry(dialect.to_owned()).or_default()
    }

    fn all(&self) -> Counts {
        self.dialects.values().fold(Counts::default(), |all, one| Counts {
            agree: all.agree + one.agree,
            disagree: all.disagree + one.disagree,
            skipped: all.skipped + one.skipped,
        })
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for disagreement in &self.disagreements {
            writeln!(f, "disagrees {disagreement}")?;
        }
        writeln!(f, "{:<12} {:>6} {:>9} {:>8}", "dialect", "agree", "disagree", "skipped")?;
        for (dialect, counts) in &self.dialects {
            row(f, dialect, *counts)?;
        }
        row(f, "all", self.all())
    }
}

fn row(f: &mut fmt::Formatter<'_>, name: &str, counts: Counts) -> fmt::Result {
    writeln!(f, "{name:<12} {:>6} {:>9} {:>8}", counts.agree, counts.disagree, counts.skipped)
}
