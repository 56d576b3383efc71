//! When an edge leads on.

use serde::{Deserialize, Serialize};

use crate::Predicate;

/// The condition of an edge. In JSON `"always"` (or nothing), `{"matches": …}`, `"function"`, `"otherwise"`, `"failed"`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum When {
    /// The source succeeded.
    #[default]
    Always,
    /// The source succeeded with an output for which this holds.
    Matches(Predicate),
    /// The source succeeded with an output for which a function of the program's gives true. A function is no data: the
    /// executor binds it by the nodes that the edge connects.
    Function,
    /// The source succeeded, and none of its `Matches` and `Function` edges is taken.
    Otherwise,
    /// The source failed. Such an edge handles the failure: it is no failure of the run, and the other edges of the
    /// source count as not taken instead of taking down what is behind them.
    Failed,
}

pub(crate) static ALWAYS: When = When::Always;

impl When {
    /// Taken for this output.
    pub fn equals(value: impl Into<serde_json::Value>) -> Self {
        Self::Matches(Predicate::equals(value))
    }

    /// Whether it is the condition of an edge that names none.
    pub fn is_always(&self) -> bool {
        *self == Self::Always
    }
}
