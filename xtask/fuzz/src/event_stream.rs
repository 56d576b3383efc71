//! AWS event streams, written and repaired: messages of two lengths and their checksum, headers, a payload and a checksum.
//! Source: Smithy's specification "Amazon Event Stream". Written apart from the reader under test, so that no error is shared.

/// Lengths and their checksum, in bytes.
pub(crate) const PRELUDE: usize = 12;
/// The checksum at the end, in bytes.
pub(crate) const CHECKSUM: usize = 4;

/// CRC-32 of IEEE 802.3, bit by bit.
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xEDB8_8320 & (sum & 1).wrapping_neg()))
    })
}

/// A header whose value is text.
pub(crate) fn header(name: &str, value: &str) -> Vec<u8> {
    let (name_length, length) = (name.len() as u8, value.len() as u16);
    [&[name_length], name.as_bytes(), &[7], &length.to_be_bytes(), value.as_bytes()].concat()
}

/// A message with the right lengths and checksums.
pub(crate) fn message(headers: &[u8], payload: &[u8]) -> Vec<u8> {
    let total = (PRELUDE + headers.len() + payload.len() + CHECKSUM) as u32;
    let lengths = [total.to_be_bytes(), (headers.len() as u32).to_be_bytes()].concat();
    let mut message = [&lengths, &[0; 4][..], headers, payload, &[0; CHECKSUM]].concat();
    repair(&mut message);
    message
}

/// An event of this name.
pub(crate) fn event(name: &str, payload: &str) -> Vec<u8> {
    let headers = [
        header(":event-type", name),
        header(":content-type", "application/json"),
        header(":message-type", "event"),
    ];
    message(&headers.concat(), payload.as_bytes())
}

/// Sets both checksums to those of the bytes as they are, whatever the lengths say.
pub(crate) fn repair(message: &mut [u8]) {
    let lengths = message.get(..8).map(crc32);
    if let (Some(sum), Some(place)) = (lengths, message.get_mut(8..PRELUDE)) {
        place.copy_from_slice(&sum.to_be_bytes());
    }
    if let Some((bytes, place)) = message.split_last_chunk_mut::<CHECKSUM>() {
        *place = crc32(bytes).to_be_bytes();
    }
}

/// The messages of a body, cut by their lengths; what has no sensible one is the last.
pub(crate) fn split(mut body: &[u8]) -> Vec<Vec<u8>> {
    let mut messages = Vec::new();
    while let Some(length) = body.first_chunk().map(|length| u32::from_be_bytes(*length) as usize)
        && length >= PRELUDE + CHECKSUM
        && let Some((message, rest)) = body.split_at_checked(length)
    {
        messages.push(message.to_vec());
        body = rest;
    }
    if !body.is_empty() {
        messages.push(body.to_vec());
    }
    messages
}

/// Headers and payload of a message, as far as its lengths are sensible.
pub(crate) fn parts(message: &[u8]) -> Option<(&[u8], &[u8])> {
    let headers = u32::from_be_bytes(*message.get(4..)?.first_chunk()?) as usize;
    let inner = message.get(PRELUDE..message.len().checked_sub(CHECKSUM)?)?;
    inner.split_at_checked(headers)
}
