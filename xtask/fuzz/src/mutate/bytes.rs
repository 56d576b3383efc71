//! Changes that know nothing of what the bytes mean.

use fastrand::Rng;

use super::{at, replace, slice, swap};

/// Bytes that mean something somewhere.
const TELLING: &[u8] = b"\"{}[],:\\\n\r \t0-9eE.tfnu/\0\x7f\x80\xff\xef\xbb\xbf";

/// Bytes that are no UTF-8: lone, cut off, too long, of a surrogate, beyond the last character; and a byte order mark.
const NO_TEXT: [&[u8]; 8] = [
    b"\xff",
    b"\xc3",
    b"\xe2\x82",
    b"\xf0\x9f\x98",
    b"\xc0\x80",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\xef\xbb\xbf",
];

pub(super) fn mutate(input: &mut Vec<u8>, other: &[u8], rng: &mut Rng) {
    let place = slice(input.len(), rng);
    match rng.u8(0..13) {
        0 => change(input, rng, |byte, rng| byte ^ 1 << rng.u8(0..8)),
        1 => change(input, rng, |_, rng| rng.u8(..)),
        2 => change(input, rng, |_, rng| rng.choice(TELLING).copied().unwrap_or_default()),
        3 => drop(input.drain(place)),
        4 => {
            let copy = at(input, place.clone()).to_vec();
            replace(input, place.end..place.end, &copy);
        }
        5 => {
            let other_place = slice(input.len(), rng);
            swap(input, place, other_place);
        }
        6 => {
            let copy = at(other, slice(other.len(), rng)).to_vec();
            replace(input, place.start..place.start, &copy);
        }
        7 => replace(input, place, at(other, slice(other.len(), rng))),
        8 => {
            input.truncate(place.start);
            input.extend_from_slice(at(other, rng.usize(0..=other.len())..other.len()));
        }
        9 => input.truncate(place.start),
        10 => drop(input.drain(..place.start)),
        11 => {
            let noise: Vec<u8> = (0..rng.usize(1..20)).map(|_| rng.u8(..)).collect();
            replace(input, place.start..place.start, &noise);
        }
        _ => replace(input, place.start..place.start, rng.choice(NO_TEXT).unwrap_or_default()),
    }
}

fn change(input: &mut [u8], rng: &mut Rng, to: impl Fn(u8, &mut Rng) -> u8) {
    if let Some(byte) = rng.choice(input.iter_mut()) {
        *byte = to(*byte, rng);
    }
}
