//! What a node does. A kind carries its settings, never a function.

mod json;

use super::{Agent, Condition, Delay, Join, Loop, Map, Pause, Subgraph, Tool};
use crate::Graph;

/// The kind of a node, with its settings. In JSON an object with the kind's name, as in `{"agent": {…}}`, or only the
/// name where there is nothing to set: `"transform"`, `"join"`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum NodeKind {
    /// Asks a model.
    Agent(Agent),
    /// Calls a function of the program's, which the executor binds by the node's id.
    Transform,
    /// Chooses where the run goes on: its output is what the edges behind it test.
    Condition(Condition),
    /// Calls a tool.
    Tool(Tool),
    /// Runs a body once for each item of a list.
    Map(Map),
    /// Waits for its predecessors and puts their outputs together.
    Join(Join),
    /// Waits for a time and passes its input on.
    Delay(Delay),
    /// Runs a body once.
    Subgraph(Subgraph),
    /// Waits for an answer from outside.
    Pause(Pause),
    /// Runs a body until its output is good enough.
    Loop(Loop),
}

impl NodeKind {
    /// The names of all kinds, as in JSON.
    pub(super) const NAMES: [&str; 10] =
        ["agent", "transform", "condition", "tool", "map", "join", "delay", "subgraph", "pause", "loop"];

    /// The kind's name, as in JSON.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Agent(_) => "agent",
            Self::Transform => "transform",
            Self::Condition(_) => "condition",
            Self::Tool(_) => "tool",
            Self::Map(_) => "map",
            Self::Join(_) => "join",
            Self::Delay(_) => "delay",
            Self::Subgraph(_) => "subgraph",
            Self::Pause(_) => "pause",
            Self::Loop(_) => "loop",
        }
    }

    /// The graph that runs inside, if the kind has one.
    pub fn body(&self) -> Option<&Graph> {
        match self {
            Self::Map(map) => Some(&map.body),
            Self::Subgraph(subgraph) => Some(&subgraph.body),
            Self::Loop(r#loop) => Some(&r#loop.body),
            _ => None,
        }
    }

    /// Whether it needs a function of the program's, bound by the node's id.
    pub const fn calls_function(&self) -> bool {
        matches!(self, Self::Transform | Self::Condition(Condition::Function))
            || matches!(self, Self::Loop(r#loop) if r#loop.repeat.calls_function())
    }
}

macro_rules! from {
    ($($kind:ident),+) => {
        $(impl From<$kind> for NodeKind {
            fn from(kind: $kind) -> Self {
                Self::$kind(kind)
            }
        })+
    };
}

from!(Agent, Condition, Tool, Map, Join, Delay, Subgraph, Pause, Loop);
