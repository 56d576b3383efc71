//! One target for some time: the seeds as they are, then inputs made from them.

use std::collections::HashSet;
use std::fmt;
use std::time::{Duration, Instant};

use fastrand::Rng;

use crate::check::check;
use crate::corpus::Corpus;
use crate::finding::{class, hash, report, shrink};
use crate::memory::Gauge;
use crate::mutate::mutate;
use crate::target::Target;
use crate::watchdog::Watchdog;

/// How many bytes are read to find a smaller input that shows the same.
const MOST_BYTES: usize = 64 << 20;

/// One target, and what was done with it.
#[derive(Debug)]
pub(crate) struct Campaign<'a> {
    target: &'a Target,
    watchdog: &'a Watchdog,
    gauge: Gauge,
    inputs: u64,
    bytes: u64,
    slowest: Duration,
    time: Duration,
    found: HashSet<String>,
}

impl<'a> Campaign<'a> {
    pub(crate) fn new(target: &'a Target, watchdog: &'a Watchdog) -> Self {
        Self {
            target,
            watchdog,
            gauge: Gauge::default(),
            inputs: 0,
            bytes: 0,
            slowest: Duration::ZERO,
            time: Duration::ZERO,
            found: HashSet::new(),
        }
    }

    /// Reads inputs for so long. Which they are, the seed alone decides; how many, the time.
    pub(crate) fn run(&mut self, corpus: &mut Corpus, seed: u64, time: Duration) {
        let start = Instant::now();
        let mut rng = Rng::with_seed(seed ^ hash(self.target.name.as_bytes()));
        let mut seeds = corpus.seeds().to_vec().into_iter();
        loop {
            let input =
                seeds.next().map_or_else(|| made(corpus, self.target, &mut rng), |seed| seed.to_vec());
            if let Some(way) = self.read(&input) {
                corpus.learn(&input, way);
            }
            self.time = start.elapsed();
            if self.time >= time {
                return;
            }
        }
    }

    /// Reads one input. How it was read, or `None` for a finding.
    pub(crate) fn read(&mut self, input: &[u8]) -> Option<u64> {
        let start = Instant::now();
        self.watchdog.watch(&self.target.name, input);
        let checked = check(self.target, input, &mut self.gauge);
        self.watchdog.rest();
        self.inputs += 1;
        self.bytes += input.len() as u64;
        self.slowest = self.slowest.max(start.elapsed());
        checked.map_err(|what| self.found(what, input)).ok()
    }

    fn found(&mut self, what: String, input: &[u8]) {
        let class = class(&what);
        if self.found.contains(&class) {
            return;
        }
        let mut words = what;
        let least = shrink(input.to_vec(), MOST_BYTES, |less| {
            self.watchdog.watch(&self.target.name, less);
            let same =
                check(self.target, less, &mut self.gauge).err().filter(|what| self::class(what) == class);
            self.watchdog.rest();
            let same = same.map(|what| words = what);
            same.is_some()
        });
        self.found.insert(class);
        report(&self.target.name, &words, &least);
    }

    /// Whether nothing was found.
    pub(crate) fn is_clean(&self) -> bool {
        self.found.is_empty()
    }

    /// The line above the lines of campaigns.
    pub(crate) fn head() -> String {
        format!(
            "{:<24} {:>9} {:>9} {:>8} {:>11} {:>11} {:>9}",
            "target", "inputs", "inputs/s", "MB", "peak extra", "slowest", "findings"
        )
    }
}

/// An input made from others.
fn made(corpus: &Corpus, target: &Target, rng: &mut Rng) -> Vec<u8> {
    let mut input = corpus.pick(rng).to_vec();
    mutate(&mut input, &corpus.pick(rng), target.form, rng);
    input
}

impl fmt::Display for Campaign<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:<24} {:>9} {:>9.0} {:>8.1} {:>8} KiB {:>8.1} ms {:>9}",
            self.target.name,
            self.inputs,
            self.inputs as f64 / self.time.as_secs_f64().max(1e-9),
            self.bytes as f64 / 1e6,
            self.gauge.most() >> 10,
            self.slowest.as_secs_f64() * 1e3,
            self.found.len(),
        )
    }
}
