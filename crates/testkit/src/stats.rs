//! What the server counted: requests, connections, early closes, bytes.
//!
//! Which request was which is the journal's business.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use serde::Serialize;

/// Counts since the start, or since the last `clear`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Stats {
    /// Requests read to their end. The control endpoints do not count.
    pub requests: u64,
    /// Requests being answered now.
    pub in_flight: u64,
    /// The most requests that were being answered at once.
    pub peak_in_flight: u64,
    /// Connections accepted.
    pub connections_opened: u64,
    /// Connections open now.
    pub connections_open: u64,
    /// Replies whose client hung up before the last byte was handed to the socket.
    pub closed_early: u64,
    /// Bytes the sockets took: heads, bodies and chunk framing, before encryption.
    pub bytes_written: u64,
}

/// The live form of [`Stats`].
#[derive(Debug, Default)]
pub(crate) struct Counters {
    requests: AtomicU64,
    in_flight: AtomicU64,
    peak_in_flight: AtomicU64,
    connections_opened: AtomicU64,
    connections_open: AtomicU64,
    closed_early: AtomicU64,
    bytes_written: AtomicU64,
}

impl Counters {
    pub(crate) fn read(&self) -> Stats {
        Stats {
            requests: self.requests.load(Relaxed),
            in_flight: self.in_flight.load(Relaxed),
            peak_in_flight: self.peak_in_flight.load(Relaxed),
            connections_opened: self.connections_opened.load(Relaxed),
            connections_open: self.connections_open.load(Relaxed),
            closed_early: self.closed_early.load(Relaxed),
            bytes_written: self.bytes_written.load(Relaxed),
        }
    }

    /// Starts counting anew; what is open or in flight stays counted as such.
    pub(crate) fn clear(&self) {
        self.requests.store(0, Relaxed);
        self.closed_early.store(0, Relaxed);
        self.bytes_written.store(0, Relaxed);
        self.connections_opened.store(0, Relaxed);
        self.peak_in_flight.store(self.in_flight.load(Relaxed), Relaxed);
    }

    pub(crate) fn wrote(&self, bytes: usize) {
        self.bytes_written.fetch_add(bytes as u64, Relaxed);
    }

    pub(crate) fn closed_early(&self) {
        self.closed_early.fetch_add(1, Relaxed);
    }

    /// Counts a connection until the guard is dropped.
    pub(crate) fn connection(self: &Arc<Self>) -> Open {
        self.connections_opened.fetch_add(1, Relaxed);
        self.connections_open.fetch_add(1, Relaxed);
        Open(Arc::clone(self))
    }

    /// Counts a request as in flight until the guard is dropped. Also gives the request's number, from 1.
    pub(crate) fn request(self: &Arc<Self>) -> (u64, InFlight) {
        let number = self.requests.fetch_add(1, Relaxed) + 1;
        let now = self.in_flight.fetch_add(1, Relaxed) + 1;
        self.peak_in_flight.fetch_max(now, Relaxed);
        (number, InFlight(Arc::clone(self)))
    }
}

/// An open connection.
pub(crate) struct Open(Arc<Counters>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.connections_open.fetch_sub(1, Relaxed);
    }
}

/// A request being answered.
pub(crate) struct InFlight(Arc<Counters>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Relaxed);
    }
}
