//! What can be given up: what is kept only to save work later, like caches, where memory is short; and what nobody uses any
//! more but is held until somebody looks, like a garbage collector's heap, when there is nothing else to do.

#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::apart;

/// Something that can be had again.
pub trait Spare: Send + Sync {
    /// Gives up about half of it, that which was used least lately. Where little is left, all.
    fn give_up_half(&self);

    /// Begins to give up what nobody uses any more. Called when nothing is under way, maybe several times.
    fn give_up_unused(&self) {}
}

static SPARES: Mutex<Vec<Weak<dyn Spare>>> = Mutex::new(Vec::new());

/// Tells that there is something to give up, for as long as it lives.
pub fn can_spare(spare: Weak<dyn Spare>) {
    apart(|| {
        let mut spares = spares();
        if spares.len() == spares.capacity() {
            spares.retain(|spare| spare.strong_count() > 0); // before it would grow
        }
        spares.push(spare);
    });
}

/// Gives up half of everything that can be had again, and says of how many things.
pub fn give_up_half() -> usize {
    let all = living();
    all.iter().for_each(|spare| spare.give_up_half());
    all.len()
}

/// Has everybody begin to give up what nobody uses.
pub fn give_up_unused() {
    living().iter().for_each(|spare| spare.give_up_unused());
}

/// Those that still live. One may end with the last of its references here, so not under the lock.
fn living() -> Vec<Arc<dyn Spare>> {
    spares().iter().filter_map(Weak::upgrade).collect()
}

fn spares() -> MutexGuard<'static, Vec<Weak<dyn Spare>>> {
    SPARES.lock().unwrap_or_else(PoisonError::into_inner)
}
