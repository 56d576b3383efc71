//! Ids of calls that came by another wire, in the form that a server takes: the same id always becomes the same.

use std::borrow::Cow;

use crate::vendor::ToolIds;

/// The longest id that OpenAI takes.
const SHORT: usize = 40;
/// How many letters and digits Mistral's ids have.
const NINE: usize = 9;

/// An id as the server takes it.
pub(super) fn of(id: &str, form: ToolIds) -> Cow<'_, str> {
    let fits = match form {
        ToolIds::Any => true,
        ToolIds::Short => id.len() <= SHORT,
        ToolIds::Nine => id.len() == NINE && id.bytes().all(|byte| byte.is_ascii_alphanumeric()),
    };
    match form {
        _ if fits => Cow::Borrowed(id),
        ToolIds::Short => Cow::Owned(format!("call_{}", digits(id, 2 * NINE))),
        _ => Cow::Owned(digits(id, NINE)),
    }
}

/// A hash of the id (FNV-1a over 128 bits) in base 62.
fn digits(id: &str, count: usize) -> String {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let mut hash = id.bytes().fold(OFFSET, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME));
    hash ^= hash >> 64; // its lower bits alone know little of the upper ones
    let mut digits = String::with_capacity(count);
    for _ in 0..count {
        let digit = (hash % 62) as u8;
        hash /= 62;
        digits.push(char::from(match digit {
            0..=9 => b'0' + digit,
            10..=35 => b'a' + digit - 10,
            _ => b'A' + digit - 36,
        }));
    }
    digits
}
