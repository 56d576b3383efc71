//! Changes of JSON, value by value, wherever it stands in the input.

use std::ops::Range;

use fastrand::Rng;

use super::{at, replace, swap};
use crate::json::{Kind, spans};

/// A larger input is left to the other changes: looking through it costs too much.
const MOST_BYTES: usize = 128 << 10;

/// Values of every type, and some that are none.
const VALUES: &[&str] = &[
    "null",
    "true",
    "false",
    "0",
    "1",
    "-1",
    "-0",
    "0.5",
    "1e308",
    "1e400",
    "-1e-400",
    "9007199254740993",
    "18446744073709551615",
    "18446744073709551616",
    "123456789012345678901234567890",
    "1E5",
    "01",
    "NaN",
    "\"\"",
    "\"0\"",
    "\"-1\"",
    "\"null\"",
    "\"\\u0000\"",
    "\"\\ud83d\\ude00\"",
    "\"\\ud83d\"",
    "\"\\n\\n\"",
    "[]",
    "{}",
    "[[]]",
    "[{}]",
    "[null]",
    "{\"\":{}}",
    "{\"text\":\"a\"}",
    "\"",
    "\\",
    "",
];

pub(super) fn mutate(input: &mut Vec<u8>, other: &[u8], rng: &mut Rng) {
    if input.len() > MOST_BYTES {
        return;
    }
    let found = spans(input);
    let Some((kind, place)) = rng.choice(&found).cloned() else { return };
    match kind {
        Kind::Value => value(input, other, place, &found, rng),
        Kind::Member => member(input, other, place, rng),
        Kind::Name => {
            // A name that means something elsewhere.
            let (from, spans) = if rng.bool() { (&**input, found) } else { (other, spans(other)) };
            let names: Vec<_> = spans.into_iter().filter(|(kind, _)| *kind == Kind::Name).collect();
            let Some((_, name)) = rng.choice(names) else { return };
            let name = at(from, name).to_vec();
            replace(input, place, &name);
        }
    }
}

fn value(
    input: &mut Vec<u8>,
    other: &[u8],
    place: Range<usize>,
    found: &[(Kind, Range<usize>)],
    rng: &mut Rng,
) {
    let old = at(input, place.clone()).to_vec();
    let new = match rng.u8(0..16) {
        0..6 => rng.choice(VALUES).copied().unwrap_or_default().as_bytes().to_vec(),
        6 => nested(rng),
        7 => long_text(rng),
        8 => match old.strip_suffix(b"\"") {
            Some(text) => grown(text, rng),
            None => quoted(&old),
        },
        9 => [b"[", &old[..], b"]"].concat(),
        10 => [b"{\"text\":", &old[..], b"}"].concat(),
        11 => {
            let most = 1 << rng.u32(2..8);
            vec![old; rng.usize(2..=most)].join(&b',')
        }
        12 | 13 => match rng.choice(spans(other)) {
            Some((_, place)) => at(other, place).to_vec(),
            None => return,
        },
        _ => {
            if let Some((_, with)) = rng.choice(found).cloned() {
                swap(input, place, with);
            }
            return;
        }
    };
    replace(input, place, &new);
}

fn member(input: &mut Vec<u8>, other: &[u8], place: Range<usize>, rng: &mut Rng) {
    let old = at(input, place.clone()).to_vec();
    match rng.u8(0..4) {
        0 => {
            // With a comma that goes with it.
            let after = usize::from(input.get(place.end) == Some(&b','));
            let before = usize::from(after == 0 && at(input, 0..place.start).ends_with(b","));
            replace(input, place.start - before..place.end + after, b"");
        }
        1 => replace(input, place.end..place.end, &[b",", &old[..]].concat()),
        _ => {
            let members: Vec<_> =
                spans(other).into_iter().filter(|(kind, _)| *kind == Kind::Member).collect();
            if let Some((_, from)) = rng.choice(members) {
                replace(input, place.end..place.end, &[b",", at(other, from)].concat());
            }
        }
    }
}

/// Brackets within brackets, closed or not.
fn nested(rng: &mut Rng) -> Vec<u8> {
    let (open, close) =
        *rng.choice([("[", "]"), ("{\"a\":", "}"), ("[{\"content\":", "}]")].iter()).unwrap_or(&("[", "]"));
    let depth = rng.choice([20, 126, 127, 128, 129, 1000, 20_000]).unwrap_or(1);
    let inner = rng.choice(["", "0", "{}"]).unwrap_or_default();
    let close = if rng.u8(0..4) == 0 { String::new() } else { close.repeat(depth) };
    [open.repeat(depth), inner.to_owned(), close].concat().into_bytes()
}

/// A text of some length, of one kind of character.
fn long_text(rng: &mut Rng) -> Vec<u8> {
    let character = rng.choice(["a", " ", "\\n", "\\u0041", "é", "😀", "\\\\", "$.a[0]"]).unwrap_or("a");
    ["\"", &character.repeat(1 << rng.u32(0..14)), "\""].concat().into_bytes()
}

/// A text, given without its last quote, that says the same many times.
fn grown(text: &[u8], rng: &mut Rng) -> Vec<u8> {
    let inner = text.strip_prefix(b"\"").unwrap_or(text);
    let times = (1 << rng.u32(1..12)).min(20_000 / inner.len().max(1)).max(2);
    [b"\"", &inner.repeat(times)[..], b"\""].concat()
}

/// JSON as a text in JSON.
fn quoted(json: &[u8]) -> Vec<u8> {
    let mut text = vec![b'"'];
    for byte in json {
        match byte {
            b'"' | b'\\' => text.extend([b'\\', *byte]),
            b'\n' => text.extend(b"\\n"),
            byte => text.push(*byte),
        }
    }
    text.push(b'"');
    text
}
