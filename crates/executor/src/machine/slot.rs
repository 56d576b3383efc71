//! A node's state in 32 bits: two say which kind, thirty hold what it needs (a plan has fewer than 2³⁰ nodes).

use super::queue::Link;
use super::state::{NodeState, Outcome};

/// A node's state, with what belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    /// How many edges that lead to it are not resolved yet, and what is known of those that are.
    Waiting {
        left: u32,
        seen: bool,
    },
    /// The node that became ready next.
    Ready(Link),
    Running,
    Succeeded,
    Failed,
    Skipped,
    NotTaken,
    Cancelled,
}

/// A [`Slot`] in 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Packed(u32);

const KIND: u32 = 0b11 << 30;
const WAITING: u32 = 0b00 << 30;
const READY: u32 = 0b01 << 30;
const OTHER: u32 = 0b10 << 30;
/// A waiting node with `seen`.
const SEEN: u32 = 0b11 << 30;

/// How many bits are left beside the kind, as a mask.
pub(super) const PAYLOAD: u32 = !KIND;

impl Packed {
    pub(super) fn slot(self) -> Slot {
        let payload = self.0 & PAYLOAD;
        match self.0 & KIND {
            WAITING => Slot::Waiting { left: payload, seen: false },
            SEEN => Slot::Waiting { left: payload, seen: true },
            READY => Slot::Ready(Link::from_bits(payload)),
            _ => match payload {
                0 => Slot::Running,
                1 => Slot::Succeeded,
                2 => Slot::Failed,
                3 => Slot::Skipped,
                4 => Slot::NotTaken,
                _ => Slot::Cancelled,
            },
        }
    }
}

impl From<Slot> for Packed {
    fn from(slot: Slot) -> Self {
        Self(match slot {
            Slot::Waiting { left, seen } => (if seen { SEEN } else { WAITING }) | (left & PAYLOAD),
            Slot::Ready(next) => READY | next.bits(),
            Slot::Running => OTHER,
            Slot::Succeeded => OTHER | 1,
            Slot::Failed => OTHER | 2,
            Slot::Skipped => OTHER | 3,
            Slot::NotTaken => OTHER | 4,
            Slot::Cancelled => OTHER | 5,
        })
    }
}

impl Slot {
    pub(super) fn state(self) -> NodeState {
        match self {
            Self::Waiting { .. } => NodeState::Waiting,
            Self::Ready(_) => NodeState::Ready,
            Self::Running => NodeState::Running,
            Self::Succeeded => NodeState::Succeeded,
            Self::Failed => NodeState::Failed,
            Self::Skipped => NodeState::Skipped,
            Self::NotTaken => NodeState::NotTaken,
            Self::Cancelled => NodeState::Cancelled,
        }
    }
}

impl From<Outcome> for Slot {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Succeeded => Self::Succeeded,
            Outcome::Failed => Self::Failed,
            Outcome::Skipped => Self::NotTaken,
            Outcome::Cancelled => Self::Cancelled,
        }
    }
}
