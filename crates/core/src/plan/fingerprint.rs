//! A hash that is the same everywhere and for ever: 64-bit FNV-1a (Fowler, Noll, Vo). It tells apart
//! what differs by accident, not what was made to collide.

use std::num::NonZeroU32;
use std::sync::Arc;

use super::edges::Edges;
use super::{NodeIndex, PlanNode};
use crate::When;

const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

/// Tells the parts apart that follow the neighbours. A plan that has none of them has the hash of its ids and
/// neighbours alone.
#[derive(Clone, Copy)]
enum Part {
    Condition = 1,
    Quorum = 2,
    Body = 3,
}

pub(super) fn of(nodes: &[PlanNode], edges: &Edges, quorums: &[(NodeIndex, NonZeroU32)]) -> u64 {
    let mut hash = BASIS;
    for id in nodes.iter().map(|node| &*node.node.id) {
        hash = bytes(hash, &(id.len() as u64).to_le_bytes());
        hash = bytes(hash, id.as_bytes());
    }
    let (starts, neighbours) = edges.targets.arrays();
    for start in starts {
        hash = bytes(hash, &start.to_le_bytes());
    }
    for neighbour in neighbours {
        hash = bytes(hash, &neighbour.as_u32().to_le_bytes());
    }
    for (place, whens) in edges.conditions() {
        hash = part(hash, Part::Condition, place, whens.len() as u64);
        hash = whens.iter().fold(hash, |hash, when| bytes(hash, &[kind(when)]));
    }
    for (node, at_least) in quorums {
        hash = part(hash, Part::Quorum, node.as_u32(), u64::from(at_least.get()));
    }
    for (number, node) in (0..).zip(nodes) {
        if let Some(body) = node.body() {
            hash = part(hash, Part::Body, number, body.fingerprint());
        }
    }
    hash
}

fn kind(when: &Arc<When>) -> u8 {
    match **when {
        When::Always => 0,
        When::Matches(_) => 1,
        When::Otherwise => 2,
        When::Failed => 3,
        When::Function => 4,
    }
}

fn part(hash: u64, part: Part, place: u32, value: u64) -> u64 {
    let hash = bytes(hash, &[part as u8]);
    bytes(bytes(hash, &place.to_le_bytes()), &value.to_le_bytes())
}

fn bytes(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME))
}
