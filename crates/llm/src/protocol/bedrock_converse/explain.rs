//! Errors: `{"message"}` with the exception's type in the header `x-amzn-ErrorType`, or a message of the stream named after it.
//! Source: Amazon Bedrock API reference, "ConverseStream", "Errors", which gives every exception its status.

use graphbit_core::Error;
use http::{HeaderMap, StatusCode};
use serde_json::Value;

use super::ErrorReply;
use crate::protocol::{Complaint, classify, excerpt, explanation, failure_status};

/// How models say that a prompt is too long, beyond the words that all vendors use.
const TOO_LONG: [&str; 5] = [
    "input is too long",
    "too many input tokens",
    "too many total text bytes",
    "exceeds the maximum number of tokens",
    "exceed context limit",
];

pub(super) fn explain(reply: &ErrorReply<'_>) -> Error {
    let mut said =
        read(reply.body).unwrap_or_else(|| Said { message: excerpt(reply.body), ..Said::default() });
    if let Some(kind) = reply.headers.get("x-amzn-errortype").and_then(|value| value.to_str().ok()) {
        said.kind = exception(kind).to_owned();
    }
    failure(Some(reply.status), reply.headers, said)
}

/// An exception in a stream, or an `error` that the service did not model.
pub(super) fn inside_stream(name: &[u8], data: &[u8]) -> Error {
    let kind = String::from_utf8_lossy(name).into_owned();
    let said = match read(data) {
        Some(said) => Said { kind, ..said },
        None => {
            let text = excerpt(data);
            match text.split_once(": ").filter(|_| kind == "error") {
                Some((code, message)) => {
                    Said { kind: code.to_owned(), message: message.to_owned(), ..Said::default() }
                }
                None => Said { kind, message: text, ..Said::default() },
            }
        }
    };
    failure(None, &HeaderMap::new(), said)
}

/// An error in place of an output, as the service's front sends it to unknown operations.
pub(super) fn inside_success(body: &[u8]) -> Option<Error> {
    read(body).map(|said| failure(None, &HeaderMap::new(), said))
}

#[derive(Default)]
struct Said {
    /// The exception's own name.
    kind: String,
    message: String,
    /// What the model answered to Bedrock, where it is the one that failed.
    original: Option<StatusCode>,
}

fn read(body: &[u8]) -> Option<Said> {
    let body = explanation(body)?;
    let body = body.get("Output").unwrap_or(&body);
    let text = |names: &[&str]| names.iter().find_map(|name| body.get(name)?.as_str());
    let (kind, message) = (text(&["__type", "code"]), text(&["message", "Message", "errorMessage"]));
    kind.or(message)?;
    let original = body.get("originalStatusCode").and_then(Value::as_u64);
    Some(Said {
        kind: exception(kind.unwrap_or_default()).to_owned(),
        message: message.unwrap_or_default().to_owned(),
        original: original.and_then(failure_status),
    })
}

/// The exception's own name: `com.amazon.x#Name:http://where` in full.
fn exception(name: &str) -> &str {
    let name = name.split(':').next().unwrap_or(name);
    name.rsplit('#').next().unwrap_or(name).trim()
}

fn documented(kind: &str) -> Option<StatusCode> {
    let status = match kind.to_ascii_lowercase().trim_end_matches("exception") {
        "validation" | "servicequotaexceeded" => 400,
        "accessdenied" | "expiredtoken" | "invalidsignature" | "unrecognizedclient" => 403,
        "resourcenotfound" | "unknownoperation" => 404,
        "modeltimeout" => 408,
        "modelerror" | "modelstreamerror" => 424,
        "throttling" | "modelnotready" => 429,
        "internalserver" => 500,
        "serviceunavailable" => 503,
        _ => return None,
    };
    StatusCode::from_u16(status).ok()
}

/// `status` is the reply's own. The exception's name says more than it: gateways send some of them with a plain 400.
fn failure(status: Option<StatusCode>, headers: &HeaderMap, said: Said) -> Error {
    let named = documented(&said.kind).or(status);
    let number = named.map_or(0, |status| status.as_u16());
    let words = said.message.to_ascii_lowercase();
    let code = if said.kind.to_ascii_lowercase().starts_with("servicequota") {
        "insufficient_quota".to_owned()
    } else if number == 400 && TOO_LONG.iter().any(|any| words.contains(any)) {
        "context_length_exceeded".to_owned()
    } else {
        said.kind
    };
    // The model failed, not the request, unless Bedrock repeats the model's own word on it.
    let meant = if number == 424 { said.original.or(Some(StatusCode::BAD_GATEWAY)) } else { named };
    let error = classify(meant, headers, &Complaint { code, message: said.message });
    match status.or(named) {
        Some(status) => error.status(status.as_u16()),
        None => error,
    }
}
