//! Request → `POST {base}/api/chat`.
//!
//! | of a request                   | here                                                                              |
//! |--------------------------------|-----------------------------------------------------------------------------------|
//! | several texts of one message   | one text of several lines: a message holds one                                    |
//! | images                         | bytes, also in a tool's result; addresses and other files are `INVALID_INPUT`     |
//! | thinking                       | the message's `thinking`, unless another wire's mark is on it; nothing is demanded |
//! | a refusal                      | the assistant's text                                                              |
//! | tools forbidden                | not told                                                                          |
//! | a tool required                | `INVALID_INPUT`: the model decides                                                |
//! | a failed result                | its text                                                                          |
//! | schema                         | `format`; beside tools in words, since a format lets nothing else be written       |
//! | effort, budget                 | `think`: a level for gpt-oss, else yes or no                                      |
//! | parallel calls, caching        | left out: no words for them                                                       |

mod messages;
mod thinking;
mod tools;

use bytes::Bytes;
use graphbit_core::Result;
use serde::Serialize;
use serde_json::Value;

use super::Target;
use crate::protocol::body::post;
use crate::protocol::function_tool::FunctionTool;
use crate::{OutputSchema, Request};
use messages::Message;
use thinking::Think;

/// The body, borrowed from the request.
#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    messages: Vec<Message<'a>>,
    stream: bool, // always said: unset, it streams
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<FunctionTool<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    think: Option<Think>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    logprobs: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_logprobs: Option<u8>,
    #[serde(skip_serializing_if = "Options::is_empty")]
    options: Options<'a>,
}

#[derive(Default, PartialEq, Serialize)]
struct Options<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    num_predict: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_k: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    presence_penalty: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frequency_penalty: Option<f64>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    stop: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<i64>,
}

impl Options<'_> {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

pub(super) fn encode(target: &Target<'_>, request: &Request) -> Result<http::Request<Bytes>> {
    let settings = &request.settings;
    let tools = tools::told(request)?;
    let mut messages = messages::read(&request.messages)?;
    let held = |output: &&OutputSchema| tools.is_empty() && output.strict != Some(false);
    let format = request.output.as_ref().filter(held).map(|output| &output.schema);
    if let Some(output) = request.output.as_ref().filter(|_| format.is_none()) {
        messages::instruct(&mut messages, output.instruction());
    }
    let body = Body {
        model: target.model,
        messages,
        stream: request.streamed,
        tools,
        format,
        think: Think::of(target.model, settings),
        logprobs: settings.logprobs.is_some(),
        top_logprobs: settings.logprobs.filter(|most| *most > 0),
        options: Options {
            num_predict: settings.max_tokens,
            temperature: settings.temperature,
            top_p: settings.top_p,
            top_k: settings.top_k,
            presence_penalty: settings.presence_penalty,
            frequency_penalty: settings.frequency_penalty,
            stop: &settings.stop,
            seed: settings.seed,
        },
    };
    let accept = if request.streamed { "application/x-ndjson" } else { "application/json" };
    post(target, target.url("/api/chat")?, accept, &body, request)
}
