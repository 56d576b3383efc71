//! Where ways come together.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

/// How many predecessors a join waits for, and what it makes of their outputs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Join {
    /// When it starts.
    pub rule: JoinRule,
    /// What it makes of the outputs of those that led to it by then.
    pub reduce: Reduce,
}

/// When a join starts. An edge that is not taken leads to nothing: only live ones count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum JoinRule {
    /// When all its edges are decided, none is lost to a failure, and at least one is live.
    #[default]
    All,
    /// As soon as one edge is live. What the others give later is not waited for by the join, but by the run: it ends when
    /// they have.
    Any,
    /// As soon as so many edges are live; likewise.
    Quorum(NonZeroU32),
}

/// What a join makes of the outputs, which are in the order of its edges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Reduce {
    /// An object, by node id.
    #[default]
    Object,
    /// A list.
    List,
    /// The first of them, in the order of the edges.
    First,
    /// One object with the fields of all, which are objects; of two fields with one name the later wins.
    Merge,
    /// One list with the items of all lists, or one text of all texts.
    Concat,
    /// The sum of numbers.
    Sum,
    /// How many there are.
    Count,
}

impl Join {
    /// Sets when it starts.
    #[must_use]
    pub fn with_rule(mut self, rule: JoinRule) -> Self {
        self.rule = rule;
        self
    }

    /// Sets what it makes of the outputs.
    #[must_use]
    pub fn with_reduce(mut self, reduce: Reduce) -> Self {
        self.reduce = reduce;
        self
    }
}

impl JoinRule {
    /// How many live edges are enough; `None` where all edges have to be decided.
    pub const fn at_least(self) -> Option<NonZeroU32> {
        match self {
            Self::All => None,
            Self::Any => Some(NonZeroU32::MIN),
            Self::Quorum(edges) => Some(edges),
        }
    }
}
