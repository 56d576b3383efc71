//! Outputs of nodes by the key that their policy names: a node that is run again with the same key gives what it gave before.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

/// The outputs of an executor's nodes, the least recently used given up first.
#[derive(Debug, Default)]
pub(crate) struct Outputs(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    outputs: HashMap<Key, (Arc<Value>, u64)>,
    uses: u64,
}

/// Which node of which graph, and the rendered key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) graph: String,
    pub(crate) node: String,
    pub(crate) key: String,
}

/// The most outputs that are kept.
const MOST: usize = 1024;

impl Outputs {
    pub(crate) fn get(&self, key: &Key) -> Option<Arc<Value>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.uses += 1;
        let now = kept.uses;
        let (output, used) = kept.outputs.get_mut(key)?;
        *used = now;
        Some(Arc::clone(output))
    }

    pub(crate) fn keep(&self, key: Key, output: &Arc<Value>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.outputs.len() >= MOST && !kept.outputs.contains_key(&key) {
            let oldest = kept.outputs.iter().min_by_key(|(_, (_, used))| *used).map(|(key, _)| key.clone());
            oldest.map(|oldest| kept.outputs.remove(&oldest));
        }
        kept.uses += 1;
        let now = kept.uses;
        kept.outputs.insert(key, (Arc::clone(output), now));
    }
}
