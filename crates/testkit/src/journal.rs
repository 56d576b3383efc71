//! What was asked and how it ended, one entry a request, up to a bound.
//!
//! Bodies are kept as bytes and read as JSON only when somebody looks.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;

use crate::request::{each_header, json_or_text, start_line};

/// How an exchange ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// It has not: the reply is waited for or being sent.
    InFlight,
    /// The whole reply was handed to the socket.
    Finished,
    /// A fault of the script ended it: a cut, a reset, a hang-up.
    Faulted,
    /// The client closed the connection first.
    ClosedEarly,
}

/// One request and what became of it.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Exchange {
    /// Place among all requests since the start or the last `clear`, from 1.
    pub number: u64,
    /// `"POST"`, `"GET"`, …
    pub method: String,
    /// The request target as sent, with the `/with/…` prefix and the query.
    pub path: String,
    /// The exact value of the `Authorization` header, when there was one.
    pub authorization: Option<String>,
    /// All headers, names in lower case; of a repeated one the last.
    pub headers: BTreeMap<String, String>,
    /// The body: JSON where it was JSON, else a string; `null` when empty.
    pub body: Value,
    /// When the request had been read whole, in milliseconds since 1970. Monotonic within one server.
    pub at_ms: f64,
    /// When it ended, on the same clock.
    pub ended_ms: Option<f64>,
    /// The reply's HTTP status, where a head was sent. Set when it has ended.
    pub status: Option<u16>,
    /// Bytes of the reply that the socket took, head and framing included. Set when it has ended.
    pub bytes_written: u64,
    /// How it ended.
    pub outcome: Outcome,
}

impl Exchange {
    /// Whether the whole reply was sent.
    pub fn finished(&self) -> bool {
        self.outcome == Outcome::Finished
    }

    /// Whether the client hung up before the reply was complete.
    pub fn closed_early(&self) -> bool {
        self.outcome == Outcome::ClosedEarly
    }

    /// From the request read to the exchange ended.
    pub fn took(&self) -> Option<Duration> {
        self.ended_ms.map(|ended| Duration::from_secs_f64((ended - self.at_ms).max(0.0) / 1e3))
    }
}

/// The bounded list of exchanges; the oldest leave first.
#[derive(Debug)]
pub(crate) struct Journal {
    limit: usize,
    started: Instant,
    epoch: SystemTime,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    entries: VecDeque<Entry>,
    /// The ticket of the first entry; the others follow it. Unlike request numbers it never starts again.
    first: u64,
}

#[derive(Clone, Debug)]
struct Entry {
    number: u64,
    head: Bytes,
    body: Bytes,
    at: Duration,
    ended: Option<Duration>,
    status: Option<u16>,
    bytes_written: u64,
    outcome: Outcome,
}

impl Journal {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, started: Instant::now(), epoch: SystemTime::now(), kept: Mutex::default() }
    }

    /// Opens an entry; the ticket closes it.
    pub(crate) fn begin(&self, number: u64, head: &Bytes, body: &Bytes) -> u64 {
        if self.limit == 0 {
            return 0;
        }
        let entry = Entry {
            number,
            // Copies, for a slice would keep the connection's whole read buffer alive.
            head: Bytes::copy_from_slice(head),
            body: Bytes::copy_from_slice(body),
            at: self.started.elapsed(),
            ended: None,
            status: None,
            bytes_written: 0,
            outcome: Outcome::InFlight,
        };
        let mut kept = self.lock();
        if kept.entries.len() >= self.limit {
            kept.entries.pop_front();
            kept.first += 1;
        }
        kept.entries.push_back(entry);
        kept.first + kept.entries.len() as u64 - 1
    }

    /// Says how it ended; the last word counts. An entry that was cleared or pushed out is let go.
    pub(crate) fn end(&self, ticket: u64, status: Option<u16>, bytes_written: u64, outcome: Outcome) {
        if self.limit == 0 {
            return;
        }
        let ended = self.started.elapsed();
        let mut kept = self.lock();
        let place = ticket.checked_sub(kept.first).and_then(|place| usize::try_from(place).ok());
        if let Some(entry) = place.and_then(|place| kept.entries.get_mut(place)) {
            entry.ended = Some(ended);
            (entry.status, entry.bytes_written, entry.outcome) = (status, bytes_written, outcome);
        }
    }

    pub(crate) fn clear(&self) {
        let mut kept = self.lock();
        kept.first += kept.entries.len() as u64;
        kept.entries.clear();
    }

    pub(crate) fn read(&self) -> Vec<Exchange> {
        let entries = self.lock().entries.clone();
        entries.iter().map(|entry| self.exchange(entry)).collect()
    }

    fn exchange(&self, entry: &Entry) -> Exchange {
        let (method, path) = start_line(&entry.head);
        let mut headers = BTreeMap::new();
        each_header(&entry.head, |name, value| {
            headers.insert(name.to_ascii_lowercase(), String::from_utf8_lossy(value).into_owned());
        });
        Exchange {
            number: entry.number,
            method: method.to_owned(),
            path: path.to_owned(),
            authorization: headers.get("authorization").cloned(),
            headers,
            body: json_or_text(&entry.body),
            at_ms: self.unix_ms(entry.at),
            ended_ms: entry.ended.map(|ended| self.unix_ms(ended)),
            status: entry.status,
            bytes_written: entry.bytes_written,
            outcome: entry.outcome,
        }
    }

    fn unix_ms(&self, since_start: Duration) -> f64 {
        (self.epoch.duration_since(UNIX_EPOCH).unwrap_or_default() + since_start).as_secs_f64() * 1e3
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
