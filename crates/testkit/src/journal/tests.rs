use bytes::Bytes;
use serde_json::json;

use super::{Journal, Outcome};

fn head(n: u64) -> Bytes {
    Bytes::from(format!("POST /v1/{n} HTTP/1.1\r\nAuthorization: Bearer {n}\r\nX-A: 1\r\n\r\n"))
}

#[test]
fn an_entry_tells_the_request_and_its_end() {
    let journal = Journal::new(10);
    let ticket = journal.begin(1, &head(1), &Bytes::from_static(br#"{"a":1}"#));
    assert_eq!(journal.read()[0].outcome, Outcome::InFlight);
    journal.end(ticket, Some(200), 99, Outcome::Finished);
    let entry = &journal.read()[0];
    assert!(entry.finished() && !entry.closed_early());
    assert_eq!((entry.method.as_str(), entry.path.as_str()), ("POST", "/v1/1"));
    assert_eq!(entry.authorization.as_deref(), Some("Bearer 1"));
    assert_eq!(entry.headers.get("x-a").map(String::as_str), Some("1"));
    assert_eq!((entry.body.clone(), entry.status, entry.bytes_written), (json!({"a": 1}), Some(200), 99));
    assert!(entry.took().unwrap().as_secs() < 5);
}

#[test]
fn the_oldest_entries_leave_first_and_a_late_end_of_one_is_ignored() {
    let journal = Journal::new(2);
    let tickets: Vec<u64> = (1..=3).map(|n| journal.begin(n, &head(n), &Bytes::new())).collect();
    journal.end(tickets[0], Some(200), 1, Outcome::Finished);
    let numbers: Vec<u64> = journal.read().iter().map(|entry| entry.number).collect();
    assert_eq!(numbers, [2, 3]);
    assert!(journal.read().iter().all(|entry| entry.outcome == Outcome::InFlight));
}

#[test]
fn a_bound_of_zero_keeps_nothing() {
    let journal = Journal::new(0);
    let ticket = journal.begin(1, &head(1), &Bytes::new());
    journal.end(ticket, None, 0, Outcome::Faulted);
    assert!(journal.read().is_empty());
}

#[test]
fn an_end_after_a_clear_touches_no_newer_entry() {
    let journal = Journal::new(10);
    let old = journal.begin(1, &head(1), &Bytes::new());
    journal.clear();
    let new = journal.begin(1, &head(1), &Bytes::new());
    journal.end(old, Some(200), 1, Outcome::Finished);
    assert_eq!(journal.read()[0].outcome, Outcome::InFlight);
    journal.end(new, Some(200), 1, Outcome::Finished);
    assert_eq!(journal.read()[0].outcome, Outcome::Finished);
}
