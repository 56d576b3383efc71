//! Every recorded exchange of chat completions, of some thirty vendors, through the one protocol.

use graphbit_testkit::recorded::Recording;
use serde_json::Value;

use super::OpenAiChat;
use crate::framing::{Sse, fed, frames};
use crate::protocol::replayed::{self, LIMIT, label};

/// Where we read otherwise than the recordings' own reader, and why.
const OTHERWISE: &[(&str, &str)] = &[
    ("derived-abridged-stream-error-rubyllm", "an `error:` field is the vendor's error, not nothing"),
    ("stream-error-in-200-reqllm-306d71", "an error ends the stream: the usage behind it is not waited for"),
    ("deepseek-402-insufficient-balance", "402 is QUOTA"),
    ("tool-no-args-pydai-4610f2", "an empty `function_call` is no call"),
    ("tool-no-args-pydai-870d71", "an empty `function_call` is no call"),
    ("tool-no-args-pydai-f666f6", "an empty `function_call` is no call"),
    ("tool-parallel-pydai-0a07b0", "an empty `function_call` is no call"),
];

fn recorded() -> Vec<&'static Recording> {
    let mut cases = [replayed::recorded("chat"), replayed::shapes("chat")].concat();
    cases.retain(|case| OTHERWISE.iter().all(|(name, _)| *name != case.case));
    cases
}

#[test]
fn replies_decode_to_what_they_say_however_they_are_cut() {
    replayed::successes_agree(&OpenAiChat, &recorded(), 0, |_, said, want| {
        // Some first chunks have but one of the two names.
        (said["id"], said["model"]) = (want["id"].clone(), want["model"].clone());
        // A reason that the wire did not give has no word of the wire.
        if said["raw"] == "" && said["finish"] != "other" {
            (said["raw"], said["finish"]) = (Value::Null, Value::Null);
        }
    });
}

#[test]
fn errors_get_their_code_and_their_advice() {
    replayed::errors_agree(&OpenAiChat, &recorded());
}

/// One vendor's streams, and those that are framed otherwise: CRLF, comments, a field named `error`.
fn streams_to_cut() -> Vec<&'static Recording> {
    let mut cases = recorded();
    let few = ["openai-chat", "perplexity", "gpustack", "mistral"];
    cases.retain(|case| case.streaming && few.contains(&&*case.provider));
    cases
}

#[test]
fn streams_cut_at_every_byte_give_the_same_frames() {
    let frames = |pieces: &[&[u8]]| frames(Sse::new(LIMIT), pieces);
    for case in streams_to_cut() {
        let whole = &case.response[..];
        let bytes: Vec<&[u8]> = whole.chunks(1).collect();
        let (ends, wanted): (Vec<_>, Vec<_>) = fed(Sse::new(LIMIT), &bytes).0.into_iter().unzip();
        assert!(frames(&[whole]) == wanted, "{} byte by byte", label(case));
        for cut in 0..=whole.len() {
            // A parser knows nothing of frames that are complete, so of a long stream two frames around the cut are read;
            // short ones are read whole.
            let at = ends.partition_point(|end| *end < cut);
            let (first, last) = if whole.len() < 2000 {
                (0, wanted.len())
            } else {
                (at.saturating_sub(1), (at + 2).min(wanted.len()))
            };
            let from = if first == 0 { 0 } else { ends[first - 1] };
            let to = if last == wanted.len() { whole.len() } else { ends[last - 1] };
            let pieces = [&whole[from..cut], &whole[cut..to.max(cut)]];
            assert!(frames(&pieces) == wanted[first..last], "{} at byte {cut}", label(case));
        }
    }
}

#[test]
fn streams_that_end_at_any_byte_are_truncated_or_complete_but_never_corrupt() {
    let mut cases = streams_to_cut();
    cases.retain(|case| case.response.len() < 4000);
    replayed::cut_streams_are_truncated(&OpenAiChat, &cases);
}
