//! What JavaScript has let go of and is still to be freed. V8 finds thousands of results to be garbage at once; to free them on its
//! thread would keep a program from its work for a tenth of a second.

use std::cell::RefCell;

use graphbit_executor::{RunResult, runtime};
use graphbit_memory::Scope;

/// Fewer are freed where they are: a thread is not worth it.
const FEW: usize = 64;

#[derive(Default)]
pub(super) struct Leftovers(RefCell<Vec<RunResult>>);

impl Leftovers {
    /// Takes something to be freed. Whether it is the first, so that a turn is needed.
    pub(super) fn push(&self, result: RunResult) -> bool {
        let _shared = Scope::shared(); // the list outlives the run whose result makes it grow
        let mut all = self.0.borrow_mut();
        all.push(result);
        all.len() == 1
    }

    /// Frees everything: a few here, many on a thread that exists for just that.
    pub(super) fn free(&self) {
        let all = self.0.take();
        if all.len() < FEW {
            return;
        }
        runtime::aside(move || drop(all)); // where no thread can be had, they are dropped here
    }
}
