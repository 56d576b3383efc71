//! Changes of AWS event streams: of the messages, of what is in them, and of the lengths and checksums around that.

use fastrand::Rng;

use super::{bytes, json};
use crate::event_stream::{CHECKSUM, PRELUDE, event, header, message, parts, repair, split};

pub(super) fn mutate(input: &mut Vec<u8>, other: &[u8], rng: &mut Rng) {
    let mut messages = split(input);
    if messages.is_empty() {
        messages.push(event("messageStop", "{}"));
    }
    let (at, with) = (rng.usize(0..messages.len()), rng.usize(0..messages.len()));
    let theirs = split(other);
    match rng.u8(0..12) {
        0 => drop(messages.remove(at)),
        1 => messages.extend(messages.get(at).cloned()),
        2 => messages.swap(at, with),
        3 => {
            if let Some(theirs) = rng.choice(theirs) {
                messages.insert(at, theirs);
            }
        }
        what => {
            let Some(found) = messages.get_mut(at) else { return };
            let theirs = rng.choice(theirs).unwrap_or_default();
            match what {
                4..8 => payload(found, &theirs, rng),
                8 | 9 => headers(found, rng),
                _ => frame(found, rng),
            }
        }
    }
    *input = messages.concat();
}

/// Changes what a message says; lengths and checksums fit.
fn payload(found: &mut Vec<u8>, theirs: &[u8], rng: &mut Rng) {
    let Some((headers, old)) = parts(found) else { return };
    let (mut new, other) = (old.to_vec(), parts(theirs).map_or(&b""[..], |(_, payload)| payload));
    if rng.u8(0..4) > 0 {
        json::mutate(&mut new, other, rng);
    } else {
        bytes::mutate(&mut new, other, rng);
    }
    *found = message(headers, &new);
}

/// Changes the headers; lengths and checksums fit.
fn headers(found: &mut Vec<u8>, rng: &mut Rng) {
    let Some((old, payload)) = parts(found) else { return };
    let mut new = old.to_vec();
    let names = [":message-type", ":event-type", ":exception-type", ":error-code", ":error-message", "x", ""];
    let values = [
        "event",
        "exception",
        "error",
        "contentBlockDelta",
        "messageStop",
        "metadata",
        "throttlingException",
        "",
    ];
    match rng.u8(0..4) {
        0 => bytes::mutate(&mut new, old, rng),
        1 => {
            // A type of its own, and the value that it says to have or another.
            let value: Vec<u8> = (0..rng.usize(0..20)).map(|_| rng.u8(..)).collect();
            new.extend([&[1, b'x', rng.u8(0..12)], &value[..]].concat());
        }
        more => {
            let name = rng.choice(names).unwrap_or_default();
            let value = rng.choice(values).unwrap_or_default().repeat(1 << (4 * rng.u32(0..3)));
            let added = header(name, &value);
            new = if more == 2 { added } else { [new, added].concat() };
        }
    }
    *found = message(&new, payload);
}

/// Changes lengths, checksums or anything else, with the checksums repaired half of the time.
fn frame(found: &mut [u8], rng: &mut Rng) {
    let places = [0, 4, 8, PRELUDE, found.len().saturating_sub(CHECKSUM), rng.usize(0..=found.len())];
    let start = rng.choice(places).unwrap_or_default();
    let Some(word) = found.get_mut(start..).and_then(|rest| rest.first_chunk_mut::<4>()) else { return };
    let old = u32::from_be_bytes(*word);
    let changed = match rng.u8(0..6) {
        0 => old.wrapping_add(1),
        1 => old.wrapping_sub(1),
        2 => rng.choice([0, 11, 12, 15, 16, 17, 1 << 24, 1 << 31, u32::MAX]).unwrap_or_default(),
        3 => rng.u32(..),
        4 => rng.u32(0..300),
        _ => old ^ 1 << rng.u32(0..32),
    };
    *word = changed.to_be_bytes();
    if rng.bool() {
        repair(found);
    }
}
