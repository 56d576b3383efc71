//! Bytes set aside for what will be allocated.

use std::sync::atomic::Ordering::Relaxed;

use super::{Budget, Exceeded, look_at_waiting};

/// Bytes set aside in a budget and all above it until this is dropped. Give them back as they are allocated,
/// because from then on the allocator counts them.
#[derive(Debug)]
#[must_use = "the bytes are given back when it is dropped"]
pub struct Reservation {
    budget: Budget,
    bytes: u64,
}

/// More than any machine has. No reservation is larger, so that sums of them do not wrap.
const MOST: u64 = 1 << 48;

impl Reservation {
    pub(super) fn new(budget: Budget, bytes: u64) -> Result<Self, Exceeded> {
        let bytes = bytes.min(MOST);
        // Set aside first, so that of two at the same time each sees the other; a refusal gives it back.
        budget.and_above().for_each(|budget| budget.set_aside(bytes));
        let reservation = Self { budget, bytes };
        let exceeded = reservation.budget.and_above().find_map(|budget| budget.exceeded(bytes));
        exceeded.map_or(Ok(reservation), Err)
    }

    /// What is still set aside.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Gives a part back; all of it, if it is less.
    pub fn give_back(&mut self, bytes: u64) {
        let bytes = bytes.min(self.bytes);
        self.bytes -= bytes;
        self.budget.and_above().for_each(|budget| budget.set_aside(bytes.wrapping_neg()));
        look_at_waiting();
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.give_back(self.bytes);
    }
}

impl Budget {
    /// Adds modulo 2^64 to what is set aside here.
    fn set_aside(&self, bytes: u64) {
        self.0.reserved.fetch_add(bytes, Relaxed);
    }
}
