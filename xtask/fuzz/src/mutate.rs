//! Changes an input. There is no feedback on coverage, so the changes know what they change.
//!
//! `bytes`: anything · `json`: names, members and values · `lines`: lines and blocks of them · `messages`: AWS event streams ·
//! `repeat`: much of the same.

mod bytes;
mod json;
mod lines;
mod messages;
mod repeat;

use std::ops::Range;

use fastrand::Rng;

/// What inputs of a target are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// One JSON value.
    Json,
    /// Lines that hold JSON.
    Lines,
    /// Messages of an AWS event stream.
    Messages,
}

/// The largest input. What grows without a bound is far over the constants of every limit by then.
pub(crate) const MOST_BYTES: usize = 1 << 20;

/// Changes some places of the input; `other` is another input of the same target.
pub(crate) fn mutate(input: &mut Vec<u8>, other: &[u8], form: Form, rng: &mut Rng) {
    for _ in 0..1 << rng.u32(0..4) {
        match (form, rng.u8(0..8)) {
            (Form::Messages, 0..7) => messages::mutate(input, other, rng),
            (Form::Json, 0..6) | (Form::Lines, 0..3) => json::mutate(input, other, rng),
            (Form::Json, 6) | (Form::Lines, 3..6) => lines::mutate(input, other, rng),
            _ => bytes::mutate(input, other, rng),
        }
    }
    if rng.u8(0..16) == 0 {
        repeat::mutate(input, form, rng);
    }
    input.truncate(MOST_BYTES);
}

/// Some place in the bytes, most often a short one.
fn slice(length: usize, rng: &mut Rng) -> Range<usize> {
    let start = rng.usize(0..=length);
    let most = (length - start).min(1 << rng.u32(0..14));
    start..start + rng.usize(0..=most)
}

/// Puts bytes in the place of others.
fn replace(input: &mut Vec<u8>, place: Range<usize>, with: &[u8]) {
    let end = place.end.min(input.len());
    input.splice(place.start.min(end)..end, with.iter().copied());
}

/// The bytes at a place.
fn at(input: &[u8], place: Range<usize>) -> &[u8] {
    input.get(place).unwrap_or_default()
}

/// Puts the bytes of two places, of which none holds the other, in each other's place.
fn swap(input: &mut Vec<u8>, one: Range<usize>, two: Range<usize>) {
    let (first, last) = if one.start <= two.start { (one, two) } else { (two, one) };
    if first.end <= last.start {
        let (start, end) = (first.start, last.end);
        let between = at(input, first.end..last.start);
        let swapped = [at(input, last.clone()), between, at(input, first.clone())].concat();
        replace(input, start..end, &swapped);
    }
}
