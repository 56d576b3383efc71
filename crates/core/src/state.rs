//! The state of a graph: named variables that nodes write and templates read.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Reducer;

/// A variable of a graph's state, read as `{{state.name}}`. Every run starts with its initial value.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct StateVariable {
    /// The value at the start of a run; null stands for "nothing yet" with every reducer.
    pub initial: Value,
    /// How what is written joins what is there.
    pub reducer: Reducer,
}

impl StateVariable {
    /// A variable that starts with nothing.
    pub fn new(reducer: Reducer) -> Self {
        Self { initial: Value::Null, reducer }
    }

    /// Sets the value at the start of a run.
    #[must_use]
    pub fn with_initial(mut self, initial: impl Into<Value>) -> Self {
        self.initial = initial.into();
        self
    }
}
