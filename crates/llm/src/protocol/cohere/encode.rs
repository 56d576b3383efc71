//! Request → `POST {base}/v2/chat`.
//!
//! | of a request                        | here                                                                           |
//! |-------------------------------------|--------------------------------------------------------------------------------|
//! | images                              | addresses and bytes, of a user only; else `INVALID_INPUT`                      |
//! | files                               | `INVALID_INPUT`: the wire's documents are texts                                |
//! | thinking                            | sent back, unless another wire's mark is on it; nothing is demanded            |
//! | a refusal                           | the assistant's text                                                           |
//! | one tool required                   | that tool alone is told, and a call required                                   |
//! | strict tools                        | where all tools are to be                                                      |
//! | a failed result                     | its text                                                                       |
//! | schema                              | `response_format`; beside tools, or with keywords that are refused, in words   |
//! | effort                              | tokens, where it is not the vendor's own                                       |
//! | penalties, top P, top K             | brought within the vendor's narrower ranges                                    |
//! | parallel calls, caching             | left out: no words for them                                                    |

mod messages;
mod output;
mod thinking;
mod tools;

use bytes::Bytes;
use graphbit_core::Result;
use serde::Serialize;

use super::Target;
use crate::Request;
use crate::protocol::body::{json_or_sse, post};
use crate::protocol::function_tool::FunctionTool;
use messages::Message;
use output::ResponseFormat;
use thinking::Thinking;

/// The body, borrowed from the request.
#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    messages: Vec<Message<'a>>,
    stream: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<FunctionTool<'a>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    strict_tools: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_format: Option<ResponseFormat<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<Thinking>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    p: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    k: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frequency_penalty: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    presence_penalty: Option<f64>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    stop_sequences: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    logprobs: bool,
}

pub(super) fn encode(target: &Target<'_>, request: &Request) -> Result<http::Request<Bytes>> {
    let settings = &request.settings;
    let tools = tools::told(request);
    let mut messages = messages::read(&request.messages)?;
    let mut response_format = None;
    if let Some(output) = &request.output {
        response_format = ResponseFormat::of(output).filter(|_| tools.is_empty());
        if !response_format.as_ref().is_some_and(ResponseFormat::has_schema) {
            messages::instruct(&mut messages, output.instruction());
        }
    }
    let body = Body {
        model: target.model,
        messages,
        stream: request.streamed,
        strict_tools: tools::are_strict(request),
        tool_choice: tools::choice(request),
        tools,
        response_format,
        thinking: Thinking::of(settings),
        max_tokens: settings.max_tokens,
        temperature: settings.temperature,
        p: settings.top_p.map(|share| share.clamp(0.01, 0.99)),
        k: settings.top_k.map(|number| number.min(500)),
        frequency_penalty: settings.frequency_penalty.map(|penalty| penalty.clamp(0.0, 1.0)),
        presence_penalty: settings.presence_penalty.map(|penalty| penalty.clamp(0.0, 1.0)),
        stop_sequences: &settings.stop,
        seed: settings.seed.map(i64::cast_unsigned), // a number of 64 bits is asked, no more
        logprobs: settings.logprobs.is_some(),
    };
    post(target, target.url("/v2/chat")?, json_or_sse(request), &body, request)
}
