//! What final states must be, worked out node by node in the obvious way.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

use graphbit_core::{Graph, Join, JoinRule, Node, Plan, When};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;

use super::super::super::{NodeState, Outcome};

/// A graph with everything that its nodes will do.
#[derive(Clone, Debug)]
pub(super) struct Sketch {
    pub(super) edges: Vec<Edge>,
    pub(super) rules: Vec<JoinRule>,
    pub(super) outcomes: Vec<Outcome>,
    pub(super) outputs: Vec<u8>,
}

#[derive(Clone, Debug)]
pub(super) struct Edge {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) when: When,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Came {
    Live,
    NotTaken,
    Lost,
    NotYet,
}

pub(super) fn sketches() -> impl Strategy<Value = Sketch> {
    (0_usize..20).prop_flat_map(|nodes| {
        let outcome = prop_oneof![
            12 => Just(Outcome::Succeeded),
            2 => Just(Outcome::Failed),
            1 => Just(Outcome::Skipped),
            1 => Just(Outcome::Cancelled),
        ];
        let when = prop_oneof![
            4 => Just(When::Always),
            4 => (0_u8..3).prop_map(When::equals),
            2 => Just(When::Function),
            1 => Just(When::Otherwise),
            1 => Just(When::Failed),
        ];
        // Edges go from an earlier to a later node of a shuffled order, so that indices are in no order themselves.
        let order = Just((0..nodes).collect::<Vec<_>>()).prop_shuffle();
        let ends = prop::collection::vec((any::<Index>(), any::<Index>(), when), 0..=3 * nodes);
        let rules = prop_oneof![3 => Just(0_u32), 1 => Just(1_u32), 2 => 2_u32..5];
        (
            order,
            ends,
            prop::collection::vec(rules, nodes),
            prop::collection::vec(outcome, nodes),
            prop::collection::vec(0_u8..3, nodes),
        )
            .prop_map(move |(order, ends, rules, outcomes, outputs)| {
                let mut sketch = Sketch { edges: edges(&order, ends), rules: Vec::new(), outcomes, outputs };
                sketch.rules = (0..nodes).map(|node| sketch.rule(node, rules[node])).collect();
                sketch
            })
    })
}

fn edges(order: &[usize], ends: Vec<(Index, Index, When)>) -> Vec<Edge> {
    let count = order.len().max(1);
    let mut default: BTreeMap<usize, usize> = BTreeMap::new();
    let places = ends.into_iter().map(|(a, b, when)| (a.index(count), b.index(count), when));
    let edges = places.filter(|(a, b, _)| a != b).map(|(a, b, mut when)| {
        let (from, to) = (order[a.min(b)], order[a.max(b)]);
        if when == When::Otherwise && *default.entry(from).or_insert(to) != to {
            when = When::Always; // a node has one default edge
        }
        Edge { from, to, when }
    });
    edges.collect()
}

impl Sketch {
    /// A quorum is never larger than what leads to the node.
    fn rule(&self, node: usize, quorum: u32) -> JoinRule {
        match (quorum, self.sources(node).len() as u32) {
            (0, _) => JoinRule::All,
            (1, _) | (_, 0 | 1) => JoinRule::Any,
            (quorum, sources) => JoinRule::Quorum(NonZeroU32::new(quorum.min(sources)).unwrap()),
        }
    }

    pub(super) fn plan(&self) -> Plan {
        let mut graph = Graph::new("g");
        for (number, rule) in self.rules.iter().enumerate() {
            graph.add(Node::new("", Join::default().with_rule(*rule)).with_id(number.to_string())).unwrap();
        }
        for edge in &self.edges {
            graph.connect_when(&edge.from.to_string(), &edge.to.to_string(), edge.when.clone()).unwrap();
        }
        graph.compile().unwrap()
    }

    fn sources(&self, node: usize) -> BTreeSet<usize> {
        self.edges.iter().filter(|edge| edge.to == node).map(|edge| edge.from).collect()
    }

    pub(super) fn handles_failure(&self, node: usize) -> bool {
        self.edges.iter().any(|edge| edge.from == node && edge.when == When::Failed)
    }

    /// What the function of an edge says.
    pub(super) fn says(&self, from: usize, to: usize) -> bool {
        (usize::from(self.outputs[from]) + 7 * from + 13 * to).is_multiple_of(2)
    }

    /// What has come of the edges between two nodes.
    fn came(&self, from: usize, to: usize, source: NodeState) -> Came {
        let output = Value::from(self.outputs[from]);
        let matches = |when: &When, to: usize| match when {
            When::Matches(predicate) => predicate.test(&output),
            When::Function => self.says(from, to),
            _ => false,
        };
        let matched = self.edges.iter().any(|edge| edge.from == from && matches(&edge.when, edge.to));
        let one = |when: &When| match source {
            NodeState::Succeeded => {
                let otherwise = *when == When::Otherwise && !matched;
                if when.is_always() || matches(when, to) || otherwise { Came::Live } else { Came::NotTaken }
            }
            NodeState::Failed if *when == When::Failed => Came::Live,
            NodeState::Failed if self.handles_failure(from) => Came::NotTaken,
            NodeState::NotTaken => Came::NotTaken,
            NodeState::Failed | NodeState::Skipped | NodeState::Cancelled => Came::Lost,
            _ => Came::NotYet,
        };
        let all: Vec<Came> = (self.edges.iter())
            .filter(|edge| edge.from == from && edge.to == to)
            .map(|edge| one(&edge.when))
            .collect();
        [Came::NotYet, Came::Live, Came::NotTaken]
            .into_iter()
            .find(|came| all.contains(came))
            .unwrap_or(Came::Lost)
    }

    /// Whether a node may run when the nodes before it stand like this; `Err` is the state of one that never will.
    pub(super) fn may_run(
        &self,
        node: usize,
        states: impl Fn(usize) -> NodeState,
    ) -> Result<bool, NodeState> {
        let came: Vec<Came> =
            self.sources(node).into_iter().map(|from| self.came(from, node, states(from))).collect();
        let count = |wanted| came.iter().filter(|came| **came == wanted).count();
        if came.is_empty() {
            return Ok(true);
        }
        let lost = if count(Came::Lost) > 0 { NodeState::Skipped } else { NodeState::NotTaken };
        match self.rules[node].at_least() {
            Some(quorum) if count(Came::Live) >= quorum.get() as usize => Ok(true),
            _ if count(Came::NotYet) > 0 => Ok(false),
            None if count(Came::Lost) == 0 && count(Came::Live) > 0 => Ok(true),
            _ => Err(lost),
        }
    }

    /// The final states of a run that is not cancelled.
    pub(super) fn finals(&self) -> Vec<NodeState> {
        fn of(sketch: &Sketch, node: usize, known: &mut Vec<Option<NodeState>>) -> NodeState {
            if let Some(state) = known[node] {
                return state;
            }
            let before: BTreeMap<usize, NodeState> =
                sketch.sources(node).into_iter().map(|from| (from, of(sketch, from, known))).collect();
            let state = match sketch.may_run(node, |from| before[&from]) {
                Err(state) => state,
                Ok(_) => match sketch.outcomes[node] {
                    Outcome::Succeeded => NodeState::Succeeded,
                    Outcome::Failed => NodeState::Failed,
                    Outcome::Skipped => NodeState::NotTaken,
                    Outcome::Cancelled => NodeState::Cancelled,
                },
            };
            known[node] = Some(state);
            state
        }
        let mut known = vec![None; self.rules.len()];
        (0..self.rules.len()).map(|node| of(self, node, &mut known)).collect()
    }
}
