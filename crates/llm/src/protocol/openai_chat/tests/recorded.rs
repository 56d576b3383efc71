//! Every recorded exchange of chat completions, of some thirty vendors, through the one protocol.

use graphbit_testkit::recorded::Recording;
use serde_json::{Value, json};

use super::{OpenAiChat, encoded};
use crate::framing::{Sse, fed, frames};
use crate::protocol::replayed::{self, LIMIT, label};
use crate::vendor::vendor;
use crate::{Message, Request, Settings};

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

/// The neutral request that a recorded one of plain text says; `None` for one that says more.
fn neutral(body: &Value) -> Option<Request> {
    let messages = body["messages"].as_array()?.iter().map(|message| {
        let plain = message.as_object()?.keys().all(|key| matches!(&**key, "role" | "content"));
        let content = message["content"].as_str().filter(|_| plain)?;
        match message["role"].as_str()? {
            "system" => Some(Message::system(content)),
            "user" => Some(Message::user(content)),
            "assistant" => Some(Message::assistant(content)),
            _ => None,
        }
    });
    let mut request = Request::new(messages.collect::<Option<_>>()?);
    let number = |name: &str| body[name].as_i64();
    request.settings = Settings {
        max_tokens: number("max_tokens").or(number("max_completion_tokens")).map(|most| most as u32),
        temperature: body["temperature"].as_f64(),
        top_p: body["top_p"].as_f64(),
        stop: serde_json::from_value(body["stop"].clone()).unwrap_or_default(),
        seed: number("seed").or(number("random_seed")),
        ..Settings::default()
    };
    request.streamed = body["stream"] == json!(true);
    Some(request)
}

/// The base URL and the model that lead to a recorded URL of a vendor without a URL of its own.
fn customer(url: &str) -> Option<(String, Option<&str>)> {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let query = if query.is_empty() { String::new() } else { format!("?{query}") };
    let base = path.strip_suffix("/chat/completions").filter(|base| base.starts_with("https:"))?;
    match base.split_once("/openai/deployments/") {
        Some((host, deployment)) => Some((format!("{host}{query}"), Some(deployment))),
        None => Some((format!("{base}{query}"), None)),
    }
}

#[test]
fn requests_of_plain_text_are_encoded_as_they_were_recorded() {
    let (cases, mut compared, mut urls, mut different) = (recorded(), 0, 0, Vec::new());
    for case in cases.iter().filter(|case| case.http_status < 400) {
        let name = match &*case.provider {
            "openai-chat" => "openai",
            "ollama-openai" => "ollama",
            name => name,
        };
        let (Ok(row), Some(body)) = (vendor(name), &case.request) else { continue };
        let Some(request) = neutral(body) else { continue };
        let url = case.meta["url"].as_str().unwrap().replace(".com//", ".com/");
        let url = url.split('#').next().unwrap();
        let (base, deployment) = match customer(url) {
            Some((base, deployment)) if row.base_url.is_empty() => (Some(base), deployment),
            _ if row.base_url.is_empty() => continue,
            _ => (None, None),
        };
        let model = deployment.or(body["model"].as_str()).unwrap();
        let (ours, encoded) = encoded(name, base.as_deref(), model, &request);
        for (member, value) in encoded.as_object().unwrap() {
            let Some(recorded) = body.get(member) else { continue };
            let same = match member.as_str() {
                "model" => deployment.is_some() || value == recorded,
                "stream_options" => recorded["include_usage"] == json!(false) || value == recorded,
                _ if recorded.is_number() => value.as_f64() == recorded.as_f64(),
                _ => value == recorded,
            };
            if !same {
                different.push(format!("{}: {member} {value}, not {recorded}", label(case)));
            }
        }
        compared += 1;
        // Some were recorded at a proxy, or at another base of the same vendor.
        let same_base = base.is_some() || url.starts_with(&format!("{}/chat", row.base_url));
        if url.starts_with('/') || same_base {
            let unversioned = ours.split_once('?').filter(|_| !url.contains('?')).map(|(path, _)| path);
            if !unversioned.unwrap_or(&ours).ends_with(url) {
                different.push(format!("{}: {ours}, not {url}", label(case)));
            }
            urls += 1;
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
    assert!(cases.is_empty() || (compared > 100 && urls > 80), "{compared} {urls}");
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
