//! The inputs that others are made from: the seeds, and what was read in a way that none before it was.

use std::collections::HashSet;
use std::rc::Rc;

use fastrand::Rng;

/// The most inputs that are kept beside the seeds.
const MOST_FOUND: usize = 4096;
/// The largest input that is kept, in bytes: large ones take the time of many.
const MOST_BYTES: usize = 32 << 10;

/// The inputs of one target.
#[derive(Debug)]
pub(crate) struct Corpus {
    seeds: Vec<Rc<[u8]>>,
    found: Vec<Rc<[u8]>>,
    seen: HashSet<u64>,
}

impl Corpus {
    /// A corpus of seeds, the empty input among them.
    pub(crate) fn new(seeds: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let seeds = [Vec::new()].into_iter().chain(seeds);
        Self { seeds: seeds.map(Rc::from).collect(), found: Vec::new(), seen: HashSet::new() }
    }

    /// The seeds.
    pub(crate) fn seeds(&self) -> &[Rc<[u8]>] {
        &self.seeds
    }

    /// Any of the inputs: a seed every other time, for what was found is made from few of them.
    pub(crate) fn pick(&self, rng: &mut Rng) -> Rc<[u8]> {
        let from = if self.found.is_empty() || rng.bool() { &self.seeds } else { &self.found };
        rng.choice(from).cloned().unwrap_or_default()
    }

    /// Keeps an input that was read as none before. `way` tells how it was read.
    pub(crate) fn learn(&mut self, input: &[u8], way: u64) {
        if self.found.len() < MOST_FOUND && self.seen.insert(way) && input.len() <= MOST_BYTES {
            self.found.push(input.into());
        }
    }
}
