//! How far the bodies of a run's nodes are, summed up by the place of their graph: a map of a million items takes as much memory
//! here as one of ten.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use crate::machine::{Counts, NodeState};
use crate::state::RunState;

/// The bodies of one graph: the items of a map, the turns of a loop, a subgraph.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct BodySnapshot {
    /// The node that they belong to, without the numbers of items: `each`, `each/sub`.
    pub place: String,
    /// How often the node has started: more than once inside of another body.
    pub starts: u64,
    /// How many bodies there will be: items of a map, the most turns of a loop.
    pub expected: u64,
    /// How many have begun.
    pub begun: u64,
    /// How many have come to their end, a good or a bad one; those that were stopped have not.
    pub ended: u64,
    /// Their nodes, in the order in which they were added to the graph.
    pub nodes: Vec<NodeTally>,
}

/// What has come of one node in all the bodies.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct NodeTally {
    /// Its id in its graph.
    pub id: String,
    /// In how many bodies it stands where.
    pub counts: Counts,
    /// How long it took in those in which it has ended, together.
    pub taken: Duration,
    /// How long it has taken so far where it runs, together.
    pub running: Duration,
    /// How often it was tried, together.
    pub attempts: u64,
}

/// All bodies of a run.
#[derive(Debug, Default)]
pub(crate) struct Bodies(Mutex<BTreeMap<Arc<str>, Place>>);

/// Those of one graph.
#[derive(Debug, Default)]
struct Place {
    starts: u64,
    expected: u64,
    begun: u64,
    ended: u64,
    /// Of those that have ended.
    tallies: Vec<NodeTally>,
    /// Those that are under way, by their number.
    live: BTreeMap<u64, Weak<RunState>>,
}

/// A body under way. What came of it is added to the others when this is dropped.
pub(crate) struct Body {
    run: Arc<RunState>,
    number: u64,
}

impl Bodies {
    /// A node is about to run so many bodies. `anew`: it is the only one at its place, and what it did before is forgotten.
    pub(crate) fn expect(&self, place: &str, bodies: u64, anew: bool) {
        let mut places = self.places();
        let known = match places.get_mut(place) {
            Some(known) => known,
            None => places.entry(place.into()).or_default(),
        };
        if anew {
            *known = Place::default();
        }
        known.starts += 1;
        known.expected = known.expected.saturating_add(bodies);
    }

    /// A body begins.
    pub(crate) fn begin(&self, run: &Arc<RunState>) -> Body {
        let mut places = self.places();
        let place = places.entry(Arc::clone(&run.place)).or_default();
        place.begun += 1;
        let number = place.begun;
        place.live.insert(number, Arc::downgrade(run));
        Body { run: Arc::clone(run), number }
    }

    /// How far they are, in the order of their places.
    pub(crate) fn snapshot(&self) -> Vec<BodySnapshot> {
        let places: Vec<_> = (self.places().iter())
            .map(|(place, known)| {
                let live: Vec<_> = known.live.values().filter_map(Weak::upgrade).collect();
                let snapshot = BodySnapshot {
                    place: place.trim_end_matches('/').to_owned(),
                    starts: known.starts,
                    expected: known.expected,
                    begun: known.begun,
                    ended: known.ended,
                    nodes: known.tallies.clone(),
                };
                (snapshot, live)
            })
            .collect();
        // Without the lock: each body has one of its own.
        let full = |(mut snapshot, live): (BodySnapshot, Vec<Arc<RunState>>)| {
            live.iter().for_each(|run| run.tally(&mut snapshot.nodes));
            snapshot
        };
        places.into_iter().map(full).collect()
    }

    fn places(&self) -> MutexGuard<'_, BTreeMap<Arc<str>, Place>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        let mut places = self.run.root.bodies.places();
        let Some(place) = places.get_mut(&self.run.place) else { return };
        if place.live.remove(&self.number).is_some() {
            place.ended += u64::from(self.run.has_come_to_its_end());
            self.run.tally(&mut place.tallies);
        }
    }
}

impl NodeTally {
    /// Adds the node of one more body.
    pub(crate) fn add(&mut self, state: NodeState, taken: Duration, attempts: u32) {
        *self.counts.of_mut(state) += 1;
        match state {
            NodeState::Running => self.running += taken,
            _ => self.taken += taken,
        }
        self.attempts += u64::from(attempts);
    }
}
