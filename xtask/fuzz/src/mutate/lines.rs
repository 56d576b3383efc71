//! Changes of lines, and of the blocks between blank ones: server-sent events and newline-delimited JSON.

use std::ops::Range;

use fastrand::Rng;

use super::{at, replace, slice, swap};

/// Lines that say something, or nothing.
const LINES: &[&str] = &[
    "\n",
    "\r\n",
    "\r",
    ": ping\n",
    ":\n",
    "event: error\n",
    "event: message_stop\n",
    "event\n",
    "data: [DONE]\n\n",
    "data: {}\n\n",
    "data:\n",
    "data\n",
    "data : x\n",
    "error: {}\n\n",
    "id: 1\n",
    "retry: 5\n",
    "{}\n",
    "[\n",
    "]\n",
    "{\"error\":\"no\"}\n",
    "\u{feff}",
    "\n\n\n",
    " \n",
    "data: 1\n\n",
    "data: \"text\"\n\n",
    "data: [1, 2]\n\n",
];

pub(super) fn mutate(input: &mut Vec<u8>, other: &[u8], rng: &mut Rng) {
    let blocks = rng.bool();
    let found = pieces(input, blocks);
    let Some(place) = rng.choice(&found).cloned() else { return };
    let copy = at(input, place.clone()).to_vec();
    match rng.u8(0..13) {
        0 => replace(input, place, b""),
        1 => replace(input, place.end..place.end, &copy),
        2 => {
            if let Some(with) = rng.choice(&found).cloned() {
                swap(input, place, with);
            }
        }
        3 | 4 => {
            let line = rng.choice(LINES).copied().unwrap_or_default();
            replace(input, place.start..place.start, line.as_bytes());
        }
        5 | 6 => {
            if let Some(from) = rng.choice(pieces(other, blocks)) {
                replace(input, place.start..place.start, at(other, from));
            }
        }
        7 => *input = with_ends(input, rng),
        8 => {
            // A line's end in the middle of a line, or one that is not there.
            let middle = slice(input.len(), rng).start;
            replace(
                input,
                middle..middle,
                rng.choice([&b"\n"[..], b"\r", b"\r\n", b"\n\n"]).unwrap_or_default(),
            );
        }
        9 => replace(input, place.end.saturating_sub(1)..place.end, b""),
        10 => {
            // What stands before the line's first colon is its field.
            let length = copy.iter().position(|byte| *byte == b':').unwrap_or(0);
            let field = rng
                .choice(["data", "event", "error", "", "data ", "id", " data", "DATA"])
                .unwrap_or_default();
            replace(input, place.start..place.start + length, field.as_bytes());
        }
        11 => {
            let colon = copy.iter().position(|byte| *byte == b':').unwrap_or(0) + 1 + place.start;
            let blank = usize::from(input.get(colon) == Some(&b' '));
            replace(
                input,
                colon..colon + blank,
                rng.choice([&b""[..], b"  ", b"\t", b" "]).unwrap_or_default(),
            );
        }
        _ => {
            // An event of several lines.
            let middle = place.start + rng.usize(0..=copy.len());
            replace(input, middle..middle, b"\ndata: ");
        }
    }
}

/// The lines with their ends; or the blocks, each with the blank line that ends it.
fn pieces(input: &[u8], blocks: bool) -> Vec<Range<usize>> {
    let (mut pieces, mut start, mut at) = (Vec::new(), 0, 0);
    for line in input.split_inclusive(|byte| *byte == b'\n') {
        at += line.len();
        if !blocks || line.trim_ascii().is_empty() {
            pieces.push(start..at);
            start = at;
        }
    }
    if start < at {
        pieces.push(start..at);
    }
    pieces
}

/// The same lines with other ends: all of them, or some.
fn with_ends(input: &[u8], rng: &mut Rng) -> Vec<u8> {
    let end = rng.choice([&b"\r\n"[..], b"\r", b"\n", b"\n\r", b""]).unwrap_or_default();
    let some = rng.bool();
    let mut changed = Vec::with_capacity(input.len() + 16);
    for line in input.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_suffix(b"\n") {
            Some(text) if !some || rng.bool() => {
                changed.extend_from_slice(text.strip_suffix(b"\r").unwrap_or(text));
                changed.extend_from_slice(end);
            }
            _ => changed.extend_from_slice(line),
        }
    }
    changed
}
