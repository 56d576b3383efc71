//! Reads one input and says what is wrong with how it was read.
//!
//! `framing`, `stream`, `reply`, `error`: the readers, each with what it keeps to · `way`: how an input was read, in a number.
//!
//! Everything that is chosen beside the input (limits, cuts, headers) comes from the input's own bytes: a file is all that is
//! needed to see a finding again.

mod error;
mod framing;
mod reply;
mod stream;
mod way;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use fastrand::Rng;
use graphbit_llm::vendor::Wire;

use crate::event_stream;
use crate::finding::hash;
use crate::memory::Gauge;
use crate::mutate::Form;
use crate::target::{Reader, Target};

/// How an input was read, or what is wrong with that.
pub(crate) type Checked = Result<u64, String>;

/// The words of the last panic.
static PANIC: Mutex<String> = Mutex::new(String::new());

/// Keeps the words of panics instead of printing them.
pub(crate) fn silence_panics() {
    std::panic::set_hook(Box::new(|panic| {
        *PANIC.lock().unwrap_or_else(PoisonError::into_inner) = panic.to_string().replace(":\n", ", ");
    }));
}

/// Reads one input.
pub(crate) fn check(target: &Target, input: &[u8], gauge: &mut Gauge) -> Checked {
    let mut rng = Rng::with_seed(hash(input));
    let read = AssertUnwindSafe(|| match target.reader {
        Reader::Framing(framing, _) => {
            let limit = limit(input, target.form, &mut rng);
            framing::check(framing, limit, input, &mut rng, gauge)
        }
        Reader::Reply(wire) => reply::check(wire, input, gauge),
        Reader::Stream(wire) => {
            let limit = limit(input, target.form, &mut rng);
            stream::check(wire, limit, input, &mut rng, gauge)
        }
        Reader::Error(wire) => error::check(wire.protocol(), input, &mut rng, gauge),
    });
    catch_unwind(read).unwrap_or_else(|_| Err(PANIC.lock().unwrap_or_else(PoisonError::into_inner).clone()))
}

/// The limit of a frame: as clients have it, just enough for the largest frame, or any.
fn limit(input: &[u8], form: Form, rng: &mut Rng) -> usize {
    match rng.u8(0..4) {
        0 => graphbit_llm::Limits::default().event_bytes,
        1 => 1 << rng.u32(4..15),
        _ if form == Form::Messages => event_stream::split(input).iter().map(Vec::len).max().unwrap_or(0),
        _ => input.split(|byte| *byte == b'\n').map(<[u8]>::len).max().unwrap_or(0),
    }
}

/// The pieces of a body that are held at once: the one that is read, and those in which the name and the first line of its
/// event came, which are slices of them.
const PIECES: u64 = 3;
/// The most bytes of a usage or an error that are read as a tree of JSON: of more, readers take the beginning as text.
const MOST_TREE: usize = 64 << 10;
/// How many times its text a tree may be. `{"":{"":{"":…}}}` is 105 times: a node of a map has room for eleven members.
const PER_TREE_BYTE: u64 = 110;

/// What trees may take that are made of a body or frame of so many bytes, as many as are there at once.
fn trees(length: usize, at_once: u64) -> u64 {
    at_once * PER_TREE_BYTE * length.min(MOST_TREE) as u64
}

/// What a reply may take whatever its size: a thousand open calls and the events that end them; of Gemini's also the arguments
/// of a call, which come value by value.
fn constant(wire: Wire) -> u64 {
    let arguments = if wire == Wire::Gemini { 5 << 20 } else { 0 };
    (640 << 10) + arguments
}

/// Too much memory, in words.
fn too_much(most: u64, allowed: u64) -> String {
    format!("memory: {most} bytes at once, {allowed} would do")
}
