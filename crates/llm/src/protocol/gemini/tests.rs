use std::sync::LazyLock;

use graphbit_core::Error;
use graphbit_testkit::recorded::{Recording, fixtures_dir};
use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value, json};

use super::Gemini;
use crate::protocol::replayed::{self, LIMIT, arguments, cut, fold};
use crate::protocol::{ErrorReply, Protocol, Target, decode_streamed, decode_whole};
use crate::vendor::vendor;
use crate::{Message, Request, Response, Settings};

mod echo;
mod recorded;
mod replies;
mod requests;

/// The recorded exchanges of both endpoints.
fn recordings() -> Vec<&'static Recording> {
    replayed::recorded("gemini")
}

fn whole(body: &[u8]) -> Result<Response, Error> {
    decode_whole(&Gemini, body).map(fold)
}

fn streamed<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> (Response, Result<(), Error>) {
    replayed::streamed(&Gemini, pieces)
}

/// What is expected otherwise, and why.
fn adjust(case: &Recording, _: &mut Value, want: &mut Value) {
    if case.expected["partial_args"] == true {
        // What was expected passes over calls that come value by value; they are calls all the same.
        let call = |place: &str| json!({"id": null, "name": "getWeather", "arguments": {"location": place}});
        want["calls"] = json!([call("Boston"), call("San Francisco")]);
        want["finish"] = json!("tool_calls");
    }
    if case.expected["prompt_block_reason"].is_string() {
        // Expected as a member of its own: a prompt that was not let through has no candidate that could end.
        let why = case.expected["prompt_block_reason"].as_str().unwrap();
        want["raw"] = format!("blockReason:{why}").into();
        want["finish"] = json!("content_filter");
    }
}

#[test]
fn recorded_replies_decode_to_what_they_say_however_they_are_cut() {
    replayed::successes_agree(&Gemini, &recordings(), 12, adjust);
}

#[test]
fn recorded_streams_in_one_array_are_read_whole_too() {
    let mut arrays = 0;
    for case in recordings().iter().filter(|case| case.streaming && case.response.starts_with(b"[")) {
        arrays += 1;
        assert_eq!(whole(&case.response).unwrap(), streamed([&case.response[..]]).0);
        for end in (1..case.response.len()).step_by(7) {
            match whole(&case.response[..end]) {
                Ok(reply) => assert!(reply.finish_reason.is_some(), "{} at byte {end}", case.case),
                Err(error) => assert_eq!(error.code().as_str(), "TRUNCATED", "{} at byte {end}", case.case),
            }
        }
    }
    assert!(arrays > 3 || fixtures_dir().is_none());
}

#[test]
fn recorded_streams_that_end_at_any_byte_are_truncated_or_complete_but_never_corrupt() {
    replayed::cut_streams_are_truncated(&Gemini, &recordings());
}

#[test]
fn recorded_errors_get_their_code_and_their_advice_also_in_a_list() {
    replayed::errors_agree(&Gemini, &recordings());
    for case in recordings().into_iter().filter(|case| case.http_status >= 400) {
        let mut listed = case.clone();
        listed.response = [b"[", &case.response[..], b"\n]"].concat().into();
        replayed::errors_agree(&Gemini, &[&listed]);
    }
}

/// A vendor of this wire.
fn to<'a>(name: &str, base_url: &'a str, model: &'a str) -> Target<'a> {
    static EXTRA: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);
    Target::new(base_url, model, &vendor(name).unwrap().quirks, &EXTRA)
}

/// What is sent, as the driver does it.
fn sent(target: &Target<'_>, request: &Request) -> Result<http::Request<Value>, Error> {
    let mut request = request.clone();
    request.settle("")?;
    let encoded = Gemini.encode(target, &request)?;
    Ok(encoded.map(|body| serde_json::from_slice(&body).unwrap()))
}
