//! What the accounts hold.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use serde::Serialize;

use super::{SHARED, registry};
use crate::allocator::{Switched, Tag, Tally, is_installed, peak, table};

/// What is known of an account. All sizes are in bytes as the program asked for them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AccountStats {
    /// The name it was opened with; `shared` for the shared one.
    pub name: Arc<str>,
    /// Whether there are handles to it. A closed account is listed for as long as blocks of it are left.
    pub open: bool,
    /// Allocated and not yet freed.
    pub live_bytes: u64,
    /// The highest `live_bytes`, as precise as [`Account::peak_bytes`](crate::Account::peak_bytes).
    pub peak_bytes: u64,
    /// Sum of all its allocations; a block that is resized adds the bytes by which it grew.
    pub allocated_bytes: u64,
    /// Blocks ever allocated.
    pub allocations: u64,
}

/// All accounts that are open or have blocks left, the shared one first; together they hold the live bytes of the
/// process. `None` without a tracking allocator. The list is charged to the caller.
pub fn accounts() -> Option<Vec<AccountStats>> {
    if !is_installed() {
        return None;
    }
    let listed = {
        let _aside = Switched::to(SHARED);
        registry::list()
    };
    let shared = (SHARED, Arc::from("shared"));
    Some([shared].into_iter().chain(listed).map(|(tag, name)| stats(tag, name)).collect())
}

fn stats(tag: Tag, name: Arc<str>) -> AccountStats {
    let before = table::slot(tag).allocated_before.load(Relaxed);
    let live_bytes = table::live_bytes_of(tag);
    AccountStats {
        name,
        open: tag == SHARED || registry::is_open(tag),
        live_bytes,
        peak_bytes: peak::of_account(tag).max(live_bytes),
        allocated_bytes: table::sum(table::tallies(tag), Tally::allocated).wrapping_sub(before),
        allocations: allocations(tag),
    }
}

pub(super) fn allocations(tag: Tag) -> u64 {
    let before = table::slot(tag).allocations_before.load(Relaxed);
    table::sum(table::tallies(tag), Tally::allocations).wrapping_sub(before)
}
