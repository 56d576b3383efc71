//! An error's body: whatever it says, the error is one that can be shown and acted upon.

use std::time::Duration;

use fastrand::Rng;
use graphbit_core::{Error, ErrorCode};
use graphbit_llm::protocol::{ErrorReply, Protocol};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::way::Way;
use super::{Checked, too_much, trees};
use crate::memory::Gauge;

/// How much of an error's body a client reads.
const MOST_BODY: usize = 64 << 10;
/// The longest message: a vendor's thousand characters of four bytes, and our own.
const MOST_MESSAGE: usize = 5000;
/// What the words taken from a body may take.
const PER_BYTE: u64 = 8;
const CONSTANT: u64 = 128 << 10;

const STATUSES: [u16; 16] = [400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 498, 499, 500, 503, 529, 599];

const HEADERS: [&str; 11] = [
    "retry-after",
    "retry-after-ms",
    "date",
    "x-should-retry",
    "x-request-id",
    "x-amzn-errortype",
    "x-ratelimit-remaining-requests",
    "x-ratelimit-reset-requests",
    "x-ratelimit-remaining-tokens",
    "x-ratelimit-reset-tokens",
    "content-type",
];

const VALUES: [&str; 25] = [
    "",
    "0",
    "1",
    "-1",
    "1.5",
    "1e400",
    "NaN",
    "inf",
    "99999999999999999999",
    "6m0s",
    "120ms",
    "1h1h",
    "9e9s",
    "..s",
    "1s ",
    "Wed, 21 Oct 2015 07:28:00 GMT",
    "Fri, 31 Dec 9999 23:59:59 GMT",
    "Thu, 01 Jan 1970 00:00:00 GMT",
    "true",
    "false",
    "ThrottlingException",
    "a#B:http://c",
    "#",
    ":",
    "application/json",
];

pub(super) fn check(protocol: &dyn Protocol, input: &[u8], rng: &mut Rng, gauge: &mut Gauge) -> Checked {
    let body = input.get(..MOST_BODY).unwrap_or(input);
    let status = StatusCode::from_u16(rng.choice(STATUSES).unwrap_or(400)).unwrap_or_default();
    let headers = headers(body, rng);
    let allowed = PER_BYTE * body.len() as u64 + trees(body.len(), 1) + CONSTANT;
    let (error, most) =
        gauge.measure(allowed, || protocol.explain(&ErrorReply { status, headers: &headers, body }));
    explains(&error)?;
    if error.context().status.is_none() {
        return Err("error: the status is lost".to_owned());
    }
    match most {
        Some(most) => Err(too_much(most, allowed)),
        None => Ok(Way::default().end(Some(&error))),
    }
}

/// Some headers; their values are well known ones, or some of the body.
fn headers(body: &[u8], rng: &mut Rng) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for _ in 0..rng.usize(0..5) {
        let start = rng.usize(0..=body.len());
        let word = body.get(start..(start + rng.usize(0..40)).min(body.len()));
        let known = rng.choice(VALUES).unwrap_or_default().as_bytes();
        let value = HeaderValue::from_bytes(if rng.u8(0..4) == 0 { word.unwrap_or_default() } else { known });
        if let (Some(name), Ok(value)) = (rng.choice(HEADERS), value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    headers
}

/// Whether an error can be shown and acted upon.
pub(super) fn explains(error: &Error) -> Result<(), String> {
    let length = error.message().len();
    if error.code() == ErrorCode::Internal {
        return Err("error: INTERNAL, whatever a server sends".to_owned());
    }
    if length == 0 || length > MOST_MESSAGE {
        return Err(format!("error: a message of {length} bytes"));
    }
    match error.retry_after() {
        Some(wait) if wait > Duration::from_secs(86_400) => Err(format!("error: to wait for {wait:?}")),
        _ => Ok(()),
    }
}
