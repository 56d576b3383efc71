//! What a client makes of a recorded exchange: what arrived, and the error it ended with.

use std::collections::HashSet;

use graphbit_core::{Error, Result};
use graphbit_llm::protocol::{ErrorReply, Protocol, decode_reply, decode_streamed};
use graphbit_llm::{Event, Limits, PartKind, Response};
use graphbit_testkit::recorded::Recording;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

/// How often a stream is read in pieces of random lengths.
const RANDOM_CUTS: usize = 8;

/// What arrived, and how it ended.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) response: Response,
    pub(crate) error: Option<Error>,
    /// The wire, as the recordings call it.
    pub(crate) dialect: String,
    /// Of the tool calls, which had come to their end.
    pub(crate) ended_calls: Vec<bool>,
    /// The thinking in parts that had come to their end.
    pub(crate) ended_reasoning: String,
}

impl Outcome {
    /// Reads an exchange as the driver does: by its status, and a stream by its frames unless it says that it is JSON.
    pub(crate) fn of(case: &Recording, protocol: &dyn Protocol) -> Self {
        let status = StatusCode::from_u16(case.http_status).unwrap_or(StatusCode::OK);
        if !status.is_success() {
            let headers = headers(case);
            let error = protocol.explain(&ErrorReply { status, headers: &headers, body: &case.response });
            return Self { error: Some(error), dialect: case.dialect.clone(), ..Self::default() };
        }
        let outcome = if is_stream(case) {
            Self::streamed(protocol, [&case.response[..]])
        } else {
            Self::new(decode_reply(protocol, &case.response))
        };
        Self { dialect: case.dialect.clone(), ..outcome }
    }

    fn streamed<'a>(protocol: &dyn Protocol, pieces: impl IntoIterator<Item = &'a [u8]>) -> Self {
        Self::new(decode_streamed(protocol, Limits::default().event_bytes, pieces))
    }

    fn new((events, ended): (Vec<Event>, Result<()>)) -> Self {
        let mut outcome = Self { error: ended.err(), ..Self::default() };
        let ends = |event: &Event| if let Event::PartFinished { part } = event { Some(*part) } else { None };
        let ended: HashSet<u32> = events.iter().filter_map(ends).collect();
        let mut thoughts = HashSet::new();
        for event in &events {
            match event {
                Event::PartStarted { part, kind: PartKind::ToolCall { .. } } => {
                    outcome.ended_calls.push(ended.contains(part));
                }
                Event::PartStarted { part, kind: PartKind::Reasoning } if ended.contains(part) => {
                    thoughts.insert(*part);
                }
                Event::Delta { part, text } if thoughts.contains(part) => {
                    outcome.ended_reasoning.push_str(text);
                }
                _ => {}
            }
        }
        events.into_iter().for_each(|event| outcome.response.add(event));
        outcome
    }

    fn is_as(&self, other: &Self) -> bool {
        // Responses count their events, whose number may depend on nothing but the bytes either.
        let error = |outcome: &Self| outcome.error.as_ref().map(ToString::to_string);
        self.response == other.response && error(self) == error(other)
    }
}

/// What changes when a stream arrives byte by byte, as it was recorded, or cut at random; nothing should.
pub(crate) fn cuts(case: &Recording, protocol: &dyn Protocol, whole: &Outcome) -> Vec<String> {
    if !is_stream(case) || case.http_status >= 400 {
        return Vec::new();
    }
    let mut differences = Vec::new();
    let mut read = |how: &str, lengths: &mut dyn FnMut() -> usize| {
        let outcome = Outcome::streamed(protocol, pieces(&case.response, lengths));
        if !outcome.is_as(whole) {
            differences.push(format!("read differently {how}"));
        }
    };
    read("byte by byte", &mut || 1);
    let mut recorded = case.chunk_lengths.iter().copied();
    read("as it arrived", &mut || recorded.next().unwrap_or(usize::MAX));
    for seed in 0..RANDOM_CUTS {
        let mut random = fastrand::Rng::with_seed(seed as u64);
        let longest = if seed % 2 == 0 { 16 } else { 512 };
        read(&format!("at random cuts, seed {seed}"), &mut || random.usize(1..=longest));
    }
    differences
}

fn pieces<'a>(mut body: &'a [u8], lengths: &mut dyn FnMut() -> usize) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    while !body.is_empty() {
        let (piece, rest) = body.split_at_checked(lengths()).unwrap_or((body, &[]));
        pieces.push(piece);
        body = rest;
    }
    pieces
}

fn is_stream(case: &Recording) -> bool {
    let kind = case.headers.get("content-type").map_or("", String::as_str);
    case.streaming && !kind.to_ascii_lowercase().starts_with("application/json")
}

fn headers(case: &Recording) -> HeaderMap {
    let pair = |(name, value): (&String, &String)| -> Option<(HeaderName, HeaderValue)> {
        Some((name.parse().ok()?, value.parse().ok()?))
    };
    case.headers.iter().filter_map(pair).collect()
}
