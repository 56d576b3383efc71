use graphbit_core::Error;
use graphbit_testkit::recorded::Recording;
use serde_json::{Value, json};

use super::OpenAiResponses;
use crate::Response;
use crate::protocol::replayed::{self, LIMIT, arguments, fold, is_beginning, is_truncated};

mod echo;
mod encode;
mod requests;
mod shapes;

/// The recorded exchanges of every server that speaks this wire.
fn recorded() -> Vec<&'static Recording> {
    replayed::recorded("responses")
}

fn streamed(pieces: &[&[u8]]) -> (Response, Result<(), Error>) {
    replayed::streamed(&OpenAiResponses, pieces.iter().copied())
}

/// Every call's id, name and arguments, these as JSON where they are.
fn calls(response: &Response) -> Vec<Value> {
    let calls = response.tool_calls.iter();
    calls
        .map(|call| json!({"id": call.id, "name": call.name, "arguments": arguments(&call.arguments)}))
        .collect()
}

#[test]
fn recorded_replies_decode_to_what_they_say_however_they_are_cut() {
    let mut cases = recorded();
    cases.retain(|case| case.expected["error"].is_null() && !is_truncated(case));
    replayed::successes_agree(&OpenAiResponses, &cases, 4, |case, said, want| {
        // Copilot names a reply anew in every event; ours is the first name, the reference reader's the last.
        if case.provider == "github-copilot-responses" {
            want["id"] = said["id"].clone();
        }
        want["raw"] = said["raw"].clone();
    });
}

/// What the reference reader leaves out of a truncated stream, thinking and calls without their end, is ours to give.
#[test]
fn recorded_truncated_streams_give_what_came() {
    let cases = recorded();
    for case in cases.iter().filter(|case| is_truncated(case)) {
        let (_, hash) = case.case.rsplit_once('-').unwrap();
        let whole = cases.iter().find(|other| other.case.ends_with(hash) && !is_truncated(other));
        for pieces in [vec![&case.response[..]], case.response.chunks(1).collect()] {
            let (response, end) = streamed(&pieces);
            assert_eq!(end.unwrap_err().code().as_str(), "TRUNCATED", "{}", case.case);
            assert_eq!(response.text, case.expected["text"].as_str().unwrap(), "{}", case.case);
            assert_eq!(response.model.as_deref(), case.expected["model"].as_str(), "{}", case.case);
            assert_eq!(response.finish_reason, None);
            if let Some(whole) = whole {
                is_beginning(&response, &streamed(&[&whole.response]).0, &case.case);
            }
        }
    }
}

#[test]
fn recorded_streams_that_end_at_any_byte_are_truncated_or_complete_but_never_corrupt() {
    replayed::cut_streams_are_truncated(&OpenAiResponses, &recorded());
}

#[test]
fn recorded_errors_get_their_code_and_their_advice() {
    replayed::errors_agree(&OpenAiResponses, &recorded());
}
