//! The values that a template may name.

use std::sync::Arc;

use graphbit_core::Scope;
use serde_json::Value;

/// The run's input and some nodes' outputs.
pub(crate) struct Values {
    pub(super) input: Arc<Value>,
    pub(super) outputs: Vec<(String, Arc<Value>)>,
}

impl Scope for Values {
    fn get(&self, root: &str) -> Option<&Value> {
        if root == "input" {
            return Some(&self.input);
        }
        self.outputs.iter().find(|(id, _)| id == root).map(|(_, output)| &**output)
    }
}
