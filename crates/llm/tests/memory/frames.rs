//! A frame that never ends costs no more than its limit, in every framing.

use bytes::Bytes;
use graphbit_llm::framing::{EventStream, Framing, JsonArray, NdJson, Sse, SseOrJson};

use crate::bounds::{LIMIT, peak};
use crate::support::alone;

const CHUNK: usize = 64 << 10;
/// So many chunks are 1 GB.
const CHUNKS: usize = (1 << 30) / CHUNK;

static LETTERS: [u8; CHUNK] = [b'x'; CHUNK];
static BRACKETS: [u8; CHUNK] = [b'['; CHUNK];
static LINES: [u8; CHUNK] = [b'\n'; CHUNK];

/// How many bytes of a body, which begins with `head` and goes on with `chunk`, are taken before it is refused.
fn taken(mut framing: Box<dyn Framing>, head: &'static [u8], chunk: &'static [u8]) -> usize {
    let mut taken = 0;
    let chunks = std::iter::repeat_n(Bytes::from_static(chunk), CHUNKS);
    for bytes in std::iter::once(Bytes::from_static(head)).chain(chunks) {
        taken += bytes.len();
        framing.push(bytes);
        loop {
            match framing.next() {
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(error) => {
                    assert_eq!(error.code().as_str(), "PROTOCOL");
                    assert!(error.message().contains(&LIMIT.to_string()), "{error}");
                    return taken;
                }
            }
        }
    }
    panic!("1 GB was taken");
}

#[test]
fn a_frame_of_a_gigabyte_is_refused_at_the_limit_in_every_framing() {
    let _alone = alone();
    let sse: fn() -> Box<dyn Framing> = || Box::new(Sse::new(LIMIT));
    let lines: fn() -> Box<dyn Framing> = || Box::new(NdJson::new(LIMIT));
    let array: fn() -> Box<dyn Framing> = || Box::new(JsonArray::new(LIMIT));
    let either: fn() -> Box<dyn Framing> = || Box::new(SseOrJson::new(LIMIT));
    let messages: fn() -> Box<dyn Framing> = || Box::new(EventStream::new(LIMIT));
    // A message whose prelude says that it is 1 GB long, with the CRC-32 of the two lengths.
    let gigabyte = b"\x40\x00\x00\x00\x00\x00\x00\x00\x4c\xbf\x1d\x84";
    for (name, framing, head, chunk) in [
        ("an event's data", sse, &b"data: "[..], &LETTERS),
        ("an event's name", sse, b"event: ", &LETTERS),
        ("a comment", sse, b": ", &LETTERS),
        ("a line", lines, b"{\"a\":\"", &LETTERS),
        ("a text", array, b"[{\"a\":\"", &LETTERS),
        ("a word", array, b"[", &LETTERS),
        ("brackets", array, b"[", &BRACKETS),
        ("blanks within an object", array, b"[{", &LINES),
        ("an event", either, b"data: ", &LETTERS),
        ("an element", either, b"[{\"a\":\"", &LETTERS),
        ("an element after an event", either, b"data: a\n{\"a\":\"", &LETTERS),
        ("a message", messages, gigabyte, &LETTERS),
    ] {
        let (taken, peak) = peak(|| taken(framing(), head, chunk));
        println!("{name}: refused after {taken} bytes, at most {peak} held, with a limit of {LIMIT}");
        assert!(taken <= LIMIT + head.len() + CHUNK, "{name}: {taken}");
        assert!(peak < 2 * LIMIT as u64 + (1 << 20), "{name}: {peak}");
    }
}
