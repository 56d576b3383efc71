//! The values that a template may name.

use std::sync::Arc;

use graphbit_core::Scope;
use serde_json::Value;
use smallvec::SmallVec;

/// The run's input, the graph's state, and some nodes' outputs.
pub(crate) struct Values<'a> {
    pub(super) input: Arc<Value>,
    /// `None` where the graph has no state: the name is a node's then.
    pub(super) state: Option<Arc<Value>>,
    /// A template names few.
    pub(super) outputs: SmallVec<[(&'a str, Arc<Value>); 3]>,
}

impl Scope for Values<'_> {
    fn get(&self, root: &str) -> Option<&Value> {
        if root == "input" {
            return Some(&self.input);
        }
        if let (Some(state), "state") = (&self.state, root) {
            return Some(state);
        }
        self.outputs.iter().find(|(id, _)| *id == root).map(|(_, output)| &**output)
    }
}
