//! Much of the same, each time with other numbers: what a reader keeps or looks through for every piece shows in the end.

use fastrand::Rng;

use super::{Form, MOST_BYTES, at, replace, slice};
use crate::event_stream::{message, parts, split};
use crate::json::{Kind, spans};

/// The largest piece that is repeated.
const MOST_PIECE: usize = 8 << 10;

pub(super) fn mutate(input: &mut Vec<u8>, form: Form, rng: &mut Rng) {
    let size = (1 << rng.u32(12..=20)).min(MOST_BYTES.saturating_sub(input.len()));
    let (which, grow) = (rng.usize(..), if rng.bool() { 1 << rng.u32(6..12) } else { 0 });
    let numbers = rng.bool();
    let pieces = |piece: &[u8]| {
        let piece = grown(piece.get(..MOST_PIECE).unwrap_or(piece), which, grow);
        let times = size / piece.len().max(8);
        (0..times).map(move |time| if numbers { numbered(&piece, time) } else { piece.clone() })
    };
    if form == Form::Messages {
        let mut messages = split(input);
        let place = rng.usize(0..=messages.len().saturating_sub(1));
        let Some((headers, payload)) = messages.get(place).and_then(|found| parts(found)) else { return };
        let repeated: Vec<u8> = pieces(payload).flat_map(|payload| message(headers, &payload)).collect();
        messages.insert(place, repeated);
        *input = messages.concat();
        return;
    }
    let found = spans(input);
    let (place, between) = match rng.u8(0..8) {
        0 => (slice(input.len(), rng), ""),
        1..5 => (block(input, rng), ""),
        _ => match rng.choice(&found) {
            Some((Kind::Member | Kind::Value, place)) => (place.clone(), ","),
            _ => return,
        },
    };
    let mut repeated = Vec::new();
    for piece in pieces(at(input, place.clone())) {
        repeated.extend_from_slice(&piece);
        repeated.extend_from_slice(between.as_bytes());
    }
    replace(input, place.start..place.start, &repeated);
}

/// Some lines up to a blank one.
fn block(input: &[u8], rng: &mut Rng) -> std::ops::Range<usize> {
    let is_end = |pair: &[u8]| pair == b"\n\n";
    let ends: Vec<usize> =
        input.windows(2).enumerate().filter(|(_, pair)| is_end(pair)).map(|(at, _)| at + 2).collect();
    let end = rng.choice(&ends).copied().unwrap_or(input.len());
    let start = ends.iter().copied().rfind(|other| *other < end).unwrap_or(0);
    start..end
}

/// The piece with one of its texts longer by so many bytes.
fn grown(piece: &[u8], which: usize, bytes: usize) -> Vec<u8> {
    let mut piece = piece.to_vec();
    let texts = spans(&piece).into_iter().filter(|(kind, _)| *kind == Kind::Value);
    let texts: Vec<_> = texts.filter(|(_, place)| at(&piece, place.clone()).starts_with(b"\"")).collect();
    if let Some((_, place)) = texts.get(which % texts.len().max(1)) {
        replace(&mut piece, place.start + 1..place.start + 1, &b"x".repeat(bytes));
    }
    piece
}

/// The piece with another number in place of every run of digits.
fn numbered(piece: &[u8], number: usize) -> Vec<u8> {
    let mut numbered = Vec::with_capacity(piece.len() + 16);
    for run in piece.chunk_by(|one, two| one.is_ascii_digit() == two.is_ascii_digit()) {
        match run.first() {
            Some(byte) if byte.is_ascii_digit() => numbered.extend_from_slice(number.to_string().as_bytes()),
            _ => numbered.extend_from_slice(run),
        }
    }
    numbered
}
