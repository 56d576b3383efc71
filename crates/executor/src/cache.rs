//! Outputs of nodes by the key that their policy names: a node that is run again with the same key gives what it gave before.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use graphbit_core::{Error, NodeKind, Result, Spare, apart, can_spare};
use serde_json::Value;

use crate::result::size;

/// The outputs of an executor's nodes, the least recently used given up first.
#[derive(Debug, Default)]
pub(crate) struct Outputs {
    kept: Mutex<Kept>,
    /// Set when it was told that there is something to give up.
    known: OnceLock<()>,
}

#[derive(Debug, Default)]
struct Kept {
    outputs: HashMap<Key, Entry>,
    bytes: usize,
    uses: u64,
}

#[derive(Debug)]
struct Entry {
    output: Arc<Value>,
    bytes: usize,
    used: u64,
}

/// Which node of which workflow, what it is set to do, and the rendered key. Another workflow may have bound another function
/// or model to a node of the same id.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    workflow: u64,
    node: String,
    kind: u64,
    key: String,
}

impl Key {
    pub(crate) fn new(workflow: u64, node: String, kind: &NodeKind, key: String) -> Result<Self> {
        let written = serde_json::to_string(kind)
            .map_err(|error| Error::internal("a node cannot be written as JSON").caused_by(error))?;
        let mut hasher = DefaultHasher::new();
        written.hash(&mut hasher);
        Ok(Self { workflow, node, kind: hasher.finish(), key })
    }
}

impl Outputs {
    /// The most outputs that are kept.
    const MOST: usize = 1024;
    /// The most bytes that they hold; a larger output is not kept.
    const MOST_BYTES: usize = 64 << 20;

    pub(crate) fn get(&self, key: &Key) -> Option<Arc<Value>> {
        let mut kept = self.kept();
        kept.uses += 1;
        let now = kept.uses;
        let entry = kept.outputs.get_mut(key)?;
        entry.used = now;
        Some(Arc::clone(&entry.output))
    }

    /// Keeps a copy: it outlives the run, and is not the run's any more.
    pub(crate) fn keep(self: &Arc<Self>, key: &Key, output: &Value) {
        let bytes = size(output) + key.key.len();
        if bytes > Self::MOST_BYTES {
            return;
        }
        self.known.get_or_init(|| can_spare(Arc::<Self>::downgrade(self)));
        apart(|| self.insert(key.clone(), Arc::new(Value::clone(output)), bytes));
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        let forgotten = std::mem::take(&mut *self.kept());
        drop(forgotten); // outside the lock
    }

    fn insert(&self, key: Key, output: Arc<Value>, bytes: usize) {
        let mut kept = self.kept();
        kept.remove(&key);
        while kept.outputs.len() >= Self::MOST || kept.bytes + bytes > Self::MOST_BYTES {
            let oldest = kept.outputs.iter().min_by_key(|(_, entry)| entry.used);
            let Some(oldest) = oldest.map(|(key, _)| key.clone()) else { break };
            kept.remove(&oldest);
        }
        kept.uses += 1;
        kept.bytes += bytes;
        let entry = Entry { output, bytes, used: kept.uses };
        kept.outputs.insert(key, entry);
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Spare for Outputs {
    fn give_up_half(&self) {
        let mut kept = self.kept();
        let mut uses: Vec<u64> = kept.outputs.values().map(|entry| entry.used).collect();
        uses.sort_unstable();
        // The later half stays; of one, none.
        let stays = uses.get(uses.len().div_ceil(2)).copied().unwrap_or(u64::MAX);
        let forgotten: Vec<_> = kept.outputs.extract_if(|_, entry| entry.used < stays).collect();
        kept.bytes -= forgotten.iter().map(|(_, entry)| entry.bytes).sum::<usize>();
        kept.outputs.shrink_to_fit();
        drop(kept);
        drop(forgotten); // outside the lock
    }
}

impl Kept {
    fn remove(&mut self, key: &Key) {
        if let Some(entry) = self.outputs.remove(key) {
            self.bytes -= entry.bytes;
        }
    }
}
