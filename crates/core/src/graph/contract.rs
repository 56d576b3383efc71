//! What a graph declares about itself: the form of its input and output, and the variables of its state.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::Graph;
use crate::StateVariable;

impl Graph {
    /// Sets the JSON Schema of what runs take as their input.
    #[must_use]
    pub fn with_input(mut self, schema: impl Into<Value>) -> Self {
        self.input = Some(schema.into());
        self
    }

    /// Sets the JSON Schema of what runs give as their output.
    #[must_use]
    pub fn with_output(mut self, schema: impl Into<Value>) -> Self {
        self.output = Some(schema.into());
        self
    }

    /// Declares a variable of the state, which nodes update by their [`writes`](Node::writes) and templates read as
    /// `{{state.name}}`. A variable of the same name is replaced.
    ///
    /// ```
    /// use graphbit_core::{Graph, Node, Reducer, StateVariable, Write};
    ///
    /// let mut graph = Graph::new("g").with_state("findings", StateVariable::new(Reducer::Append));
    /// graph.add(Node::agent("Research", "List facts.").with_write(Write::new("findings")))?;
    /// graph.add(Node::agent("Write", "A report of {{state.findings}}."))?;
    /// graph.connect("research", "write")?;
    /// assert_eq!(graph.validate(), []);
    /// # Ok::<(), graphbit_core::Error>(())
    /// ```
    #[must_use]
    pub fn with_state(mut self, name: impl Into<Arc<str>>, variable: StateVariable) -> Self {
        self.state.insert(name.into(), variable);
        self
    }

    /// The JSON Schema of its input.
    pub fn input(&self) -> Option<&Value> {
        self.input.as_ref()
    }

    /// The JSON Schema of its output.
    pub fn output(&self) -> Option<&Value> {
        self.output.as_ref()
    }

    /// The variables of its state, by name.
    pub fn state(&self) -> &BTreeMap<Arc<str>, StateVariable> {
        &self.state
    }
}
