//! What all connections of one server share.

use std::sync::{Arc, PoisonError, RwLock};

use crate::journal::Journal;
use crate::prefix::Prefixes;
use crate::script::Script;
use crate::stats::Counters;

pub(super) struct Shared {
    script: RwLock<Arc<Script>>,
    pub(super) counters: Arc<Counters>,
    pub(super) journal: Journal,
    pub(super) prefixes: Prefixes,
}

impl Shared {
    pub(super) fn new(script: Script, journal_limit: usize) -> Self {
        Self {
            script: RwLock::new(Arc::new(script)),
            counters: Arc::default(),
            journal: Journal::new(journal_limit),
            prefixes: Prefixes::default(),
        }
    }

    pub(super) fn script(&self) -> Arc<Script> {
        Arc::clone(&self.script.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn set_script(&self, script: Script) {
        *self.script.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(script);
    }

    /// Forgets the past: journal, counts, used-up `times`.
    pub(super) fn clear(&self) {
        self.journal.clear();
        self.counters.clear();
        self.prefixes.rewind();
        self.script().rewind();
    }
}
