//! For tests: the recorded exchanges, and what every protocol must make of its own.

mod agreement;

use std::sync::LazyLock;

use graphbit_core::Error;
use graphbit_testkit::recorded::{Recording, Recordings, fixtures_dir};
use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value};

pub(super) use agreement::{arguments, error_agrees, is_beginning};

use super::{Emitter, ErrorReply, Protocol, Target, decode_reply, decode_streamed, decode_whole};
use crate::framing::Frame;
use crate::vendor::vendor;
use crate::{Event, Request, Response};
use agreement::{agree, end_agrees, suggested};

pub(super) const LIMIT: usize = 1 << 20;

/// All of them; none where they are not beside the workspace.
static ALL: LazyLock<Vec<Recording>> = LazyLock::new(|| {
    let Some(dir) = fixtures_dir() else { return Vec::new() };
    Recordings::open(dir).unwrap().iter().collect::<Result<_, _>>().unwrap()
});

/// The recorded cases of a dialect.
pub(super) fn recorded(dialect: &str) -> Vec<&'static Recording> {
    ALL.iter().filter(|case| case.dialect == dialect && !is_shape(case)).collect()
}

/// The hand-written cases of a dialect.
pub(super) fn shapes(dialect: &str) -> Vec<&'static Recording> {
    ALL.iter().filter(|case| case.dialect == dialect && is_shape(case)).collect()
}

fn is_shape(case: &Recording) -> bool {
    case.path.iter().any(|folder| folder == "shapes-not-recorded")
}

pub(super) fn label(case: &Recording) -> String {
    format!("{}/{}", case.provider, case.case)
}

pub(super) fn is_truncated(case: &Recording) -> bool {
    // Of Gemini's streams only the recorder tells.
    case.expected["truncated"] == true || (case.dialect == "gemini" && case.has("stream_truncated"))
}

pub(super) fn fold(events: Vec<Event>) -> Response {
    let mut response = Response::default();
    events.into_iter().for_each(|event| response.add(event));
    response
}

pub(super) fn streamed<'a>(
    protocol: &dyn Protocol,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> (Response, Result<(), Error>) {
    let (events, end) = decode_streamed(protocol, LIMIT, pieces);
    (fold(events), end)
}

pub(super) fn whole(protocol: &dyn Protocol, body: &Value) -> Result<Response, Error> {
    decode_whole(protocol, body.to_string().as_bytes()).map(fold)
}

/// A body in pieces of these lengths.
pub(super) fn cut(mut body: &[u8], mut next: impl FnMut() -> usize) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    while !body.is_empty() {
        let (piece, rest) = body.split_at(next().min(body.len()));
        pieces.push(piece);
        body = rest;
    }
    pieces
}

/// A streamed body in one piece, byte by byte, as it came, and so many times in random ones.
fn cuttings(case: &Recording, random: usize) -> Vec<Vec<&[u8]>> {
    let (body, mut came) = (&case.response[..], case.chunk_lengths.iter());
    let mut cuttings = vec![vec![body], cut(body, || 1)];
    cuttings.push(cut(body, || came.next().map_or(usize::MAX, |length| (*length).max(1))));
    let mut dice = fastrand::Rng::with_seed(7);
    for longest in [200, 700, 6000].into_iter().cycle().take(random) {
        cuttings.push(cut(body, || dice.usize(1..longest)));
    }
    cuttings
}

/// Compares every success with what it should say, streams also at so many random cuts. `adjust` gets what is said and what
/// is wanted, to correct what the case expects wrongly.
pub(super) fn successes_agree(
    protocol: &dyn Protocol,
    cases: &[&Recording],
    random: usize,
    adjust: impl Fn(&Recording, &mut Value, &mut Value),
) {
    for case in cases.iter().filter(|case| case.http_status < 400) {
        let check = |(events, end): (Vec<Event>, Result<(), Error>)| {
            agree(case, &fold(events), &adjust);
            end_agrees(case, end);
        };
        if case.streaming {
            let cuttings = cuttings(case, random).into_iter();
            cuttings.for_each(|pieces| check(decode_streamed(protocol, LIMIT, pieces)));
        } else {
            check(decode_reply(protocol, &case.response));
        }
    }
}

/// Compares every error, also those inside a success, with its suggested class and advice.
pub(super) fn errors_agree(protocol: &dyn Protocol, cases: &[&Recording]) {
    for case in cases.iter().filter(|case| case.expected["error"].is_object()) {
        let error = match (case.http_status < 400, case.streaming) {
            (false, _) => explain(protocol, case),
            (true, true) => streamed(protocol, [&case.response[..]]).1.unwrap_err(),
            (true, false) => decode_whole(protocol, &case.response).unwrap_err(),
        };
        error_agrees(case, &error);
    }
}

/// Cuts every short stream at every byte: what came is given, and the end is known as one.
pub(super) fn cut_streams_are_truncated(protocol: &dyn Protocol, cases: &[&Recording]) {
    for case in cases.iter().filter(|case| case.streaming && case.response.len() < 6000) {
        let (all, _) = streamed(protocol, [&case.response[..]]);
        for cut in 0..case.response.len() {
            let name = format!("{} at byte {cut}", label(case));
            let (part, end) = streamed(protocol, [&case.response[..cut]]);
            is_beginning(&part, &all, &name);
            match end.map_err(|error| error.code().as_str()) {
                Ok(()) => assert_eq!(part.finish_reason, all.finish_reason, "{name}"),
                Err("TRUNCATED") => {}
                Err(code) => assert!(case.expected["error"].is_object() && code == suggested(case), "{name}"),
            }
        }
    }
}

/// Changes bytes of every reply, or cuts it, and reads it every way there is: whatever comes of it, nothing panics.
pub(super) fn damage_is_survived(protocol: &dyn Protocol, cases: &[&Recording]) {
    let mut random = fastrand::Rng::with_seed(11);
    for case in cases.iter().filter(|case| case.response.len() < 20_000) {
        for _ in 0..40 {
            let mut bytes = case.response.to_vec();
            for _ in 0..random.usize(1..4) {
                let at = random.usize(..bytes.len());
                bytes[at] = random.choice(*b"\"{}[],:0n\n\\\xff").unwrap();
            }
            bytes.truncate(random.usize(..=bytes.len()));
            let _ = decode_whole(protocol, &bytes);
            let _ = decode_streamed(protocol, LIMIT, [&bytes[..]]);
            let status = StatusCode::from_u16(case.http_status).unwrap();
            protocol.explain(&ErrorReply { status, headers: &HeaderMap::new(), body: &bytes });
            let frame =
                Frame { name: Some("contentBlockDelta".into()), data: bytes.into(), terminated: true };
            let _ = protocol.decoder().frame(&frame, &mut Emitter::default());
        }
    }
}

pub(super) fn explain(protocol: &dyn Protocol, case: &Recording) -> Error {
    let pairs = case
        .headers
        .iter()
        .filter_map(|(name, value)| Some((name.parse::<http::HeaderName>().ok()?, value.parse().ok()?)));
    let headers: HeaderMap = pairs.collect();
    let status = StatusCode::from_u16(case.http_status).unwrap();
    protocol.explain(&ErrorReply { status, headers: &headers, body: &case.response })
}

/// An error reply without headers.
pub(super) fn explained(protocol: &dyn Protocol, status: u16, body: &str) -> Error {
    let status = StatusCode::from_u16(status).unwrap();
    protocol.explain(&ErrorReply { status, headers: &HeaderMap::new(), body: body.as_bytes() })
}

/// Where a request goes and what it says.
pub(super) fn encoded(
    protocol: &dyn Protocol,
    base_url: &str,
    model: &str,
    request: &Request,
) -> (String, HeaderMap, Value) {
    let extra = Map::new();
    let quirks = &vendor("openai").unwrap().quirks;
    let target = Target::new(base_url, model, quirks, &extra);
    let (head, body) = protocol.encode(&target, request).unwrap().into_parts();
    assert_eq!(head.method, http::Method::POST);
    (head.uri.to_string(), head.headers, serde_json::from_slice(&body).unwrap())
}
