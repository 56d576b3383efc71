//! The runs of an executor that are under way, by the numbers of their promises.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use graphbit_executor::Control;

/// A list, shared with the runs in it.
#[derive(Default)]
pub(crate) struct Runs(Mutex<HashMap<u32, Option<Control>>>);

impl Runs {
    /// Lists a run that starts in a moment.
    pub(crate) fn begin(self: &Arc<Self>, number: u32) -> Listed {
        self.list().insert(number, None);
        Listed { runs: Arc::clone(self), number }
    }

    /// It has started; it may have ended meanwhile.
    pub(crate) fn started(&self, number: u32, control: &Control) {
        if let Some(entry) = self.list().get_mut(&number) {
            *entry = Some(control.clone());
        }
    }

    /// Stops a run, if it is still there.
    pub(crate) fn cancel(&self, number: u32, reason: &str) {
        let control = self.list().get(&number).cloned().flatten();
        if let Some(control) = control {
            control.cancel(reason);
        }
    }

    /// The runs that have started and not ended.
    pub(crate) fn controls(&self) -> Vec<Control> {
        self.list().values().flatten().cloned().collect()
    }

    fn list(&self) -> MutexGuard<'_, HashMap<u32, Option<Control>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes a run out of the list when it has ended, or when nothing will tell that it has.
pub(crate) struct Listed {
    runs: Arc<Runs>,
    number: u32,
}

impl Drop for Listed {
    fn drop(&mut self) {
        let ended = self.runs.list().remove(&self.number);
        drop(ended); // what it frees is freed where nothing is locked
    }
}
