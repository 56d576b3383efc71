//! What is written down about one request, in the journal and in the counts.
//!
//! A reply is booked as finished just before its last bytes leave, so that who has read them finds it finished.

use super::shared::Shared;
use super::wire::Stop;
use crate::journal::Outcome;
use crate::stats::InFlight;

pub(super) struct Books<'s> {
    shared: &'s Shared,
    ticket: u64,
    in_flight: Option<InFlight>,
    /// Bytes the connection had written before.
    before: u64,
}

impl<'s> Books<'s> {
    pub(super) fn open(shared: &'s Shared, ticket: u64, in_flight: InFlight, before: u64) -> Self {
        Self { shared, ticket, in_flight: Some(in_flight), before }
    }

    /// `written`: by the connection so far, this reply's last bytes included.
    pub(super) fn finish(&mut self, status: Option<u16>, written: u64) {
        self.close(status, written, Outcome::Finished);
    }

    pub(super) fn stop(&mut self, status: Option<u16>, written: u64, stop: Stop) {
        let outcome = match stop {
            Stop::Gone => {
                self.shared.counters.closed_early();
                Outcome::ClosedEarly
            }
            Stop::Cut | Stop::Reset => Outcome::Faulted,
        };
        self.close(status, written, outcome);
    }

    fn close(&mut self, status: Option<u16>, written: u64, outcome: Outcome) {
        self.shared.journal.end(self.ticket, status, written.saturating_sub(self.before), outcome);
        self.in_flight = None;
    }
}
