//! What a run keeps, by what it is: sizes that the code declares, beside the allocator's truth.
//!
//! An account knows every byte but not what it is for; a ledger knows only what it was told, but tells prompts from
//! history.

mod category;
mod charge;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

pub use category::{Category, Holdings};
pub use charge::Charge;

/// Adds up the charges that are held, by category. A clone is the same ledger.
#[derive(Debug, Clone, Default)]
pub struct Ledger(Arc<Book>);

#[derive(Debug, Default)]
struct Book {
    held: [AtomicU64; Category::ALL.len()],
    parent: Option<Ledger>,
}

impl Ledger {
    /// An empty ledger of its own.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty ledger whose charges count in this one as well.
    #[must_use]
    pub fn child(&self) -> Self {
        Self(Arc::new(Book { parent: Some(self.clone()), ..Book::default() }))
    }

    /// Declares that `bytes` are kept for as long as the charge is.
    #[must_use = "the charge is given back when it is dropped"]
    pub fn charge(&self, category: Category, bytes: u64) -> Charge {
        Charge::new(self.clone(), category, bytes)
    }

    /// The bytes held now.
    pub fn by_category(&self) -> Holdings {
        let held =
            |category: Category| self.0.held.get(category as usize).map_or(0, |held| held.load(Relaxed));
        Holdings {
            prompt: held(Category::Prompt),
            response: held(Category::Response),
            state: held(Category::State),
            history: held(Category::History),
            trace: held(Category::Trace),
            buffer: held(Category::Buffer),
        }
    }

    /// The bytes held now, of all categories together.
    pub fn total_bytes(&self) -> u64 {
        self.by_category().total_bytes()
    }

    /// Adds, modulo 2^64, here and in all ledgers above.
    fn add(&self, category: Category, bytes: u64) {
        let mut ledger = Some(self);
        while let Some(Self(book)) = ledger {
            if let Some(held) = book.held.get(category as usize) {
                held.fetch_add(bytes, Relaxed);
            }
            ledger = book.parent.as_ref();
        }
    }
}
