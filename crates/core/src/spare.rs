//! What is kept only to save work later, like caches, and can be given up where memory is short.

#[cfg(test)]
mod tests;

use std::sync::{Mutex, MutexGuard, PoisonError, Weak};

use crate::apart;

/// Something that can be had again.
pub trait Spare: Send + Sync {
    /// Gives up about half of it, that which was used least lately. Where little is left, all.
    fn give_up_half(&self);
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
    let all: Vec<_> = spares().iter().filter_map(Weak::upgrade).collect();
    all.iter().for_each(|spare| spare.give_up_half());
    all.len()
}

fn spares() -> MutexGuard<'static, Vec<Weak<dyn Spare>>> {
    SPARES.lock().unwrap_or_else(PoisonError::into_inner)
}
