//! What a run keeps, declared by what it is for.

use std::sync::Arc;

use graphbit_core::{NodeKind, PlanNode, Result};
use graphbit_memory::{Category, Charge};
use serde_json::Value;

use crate::RunMemory;
use crate::result::size;

/// Sizes of the input and of the outputs so far.
#[derive(Debug)]
pub(crate) struct Kept {
    responses: Charge,
    state: Charge,
}

impl Kept {
    pub(super) fn new(memory: &RunMemory, input: &Value) -> Self {
        let state = if input.is_null() { 0 } else { size(input) };
        Self { responses: memory.charge(Category::Response, 0), state: memory.charge(Category::State, state) }
    }

    /// Adds a node's output, and gives its bytes: none of one that somebody else has too, like an input that is passed on.
    pub(super) fn keep(&mut self, node: Result<&PlanNode>, output: &Arc<Value>) -> u64 {
        if Arc::strong_count(output) > 1 {
            return 0;
        }
        let charge = match node.map(|node| &node.node.kind) {
            Ok(NodeKind::Agent(_)) => &mut self.responses,
            _ => &mut self.state,
        };
        let bytes = size(output) as u64;
        charge.resize(charge.bytes() + bytes);
        bytes
    }

    /// The run is over: the input is dropped, the variables stay.
    pub(super) fn end(&mut self, input: &Value, variables: &Value) {
        let bytes = |value: &Value| if value.is_null() { 0 } else { size(value) as u64 };
        self.state.resize(self.state.bytes().saturating_sub(bytes(input)) + bytes(variables));
    }

    /// All together.
    pub(crate) fn bytes(&self) -> u64 {
        self.responses.bytes() + self.state.bytes()
    }
}
