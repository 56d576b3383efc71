//! A declared size, held like the thing it stands for.

use super::{Category, Ledger};
use crate::budget;

/// Bytes held in a ledger until this is dropped: keep it beside the data it stands for.
#[derive(Debug)]
pub struct Charge {
    ledger: Ledger,
    category: Category,
    bytes: u64,
}

impl Charge {
    pub(super) fn new(ledger: Ledger, category: Category, bytes: u64) -> Self {
        ledger.add(category, bytes);
        Self { ledger, category, bytes }
    }

    /// Its size.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// What it is for.
    pub fn category(&self) -> Category {
        self.category
    }

    /// The data has another size now.
    pub fn resize(&mut self, bytes: u64) {
        self.ledger.add(self.category, bytes.wrapping_sub(self.bytes));
        let shrank = bytes < self.bytes;
        self.bytes = bytes;
        if shrank {
            budget::look_at_waiting();
        }
    }

    /// The data is kept by somebody else now, or for something else: a response becomes history.
    pub fn move_to(&mut self, ledger: &Ledger, category: Category) {
        // The new one is made first, so that ledgers above both never show too little.
        *self = Self::new(ledger.clone(), category, self.bytes);
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.ledger.add(self.category, self.bytes.wrapping_neg());
        budget::look_at_waiting();
    }
}
