//! Request → `POST {base}/chat/completions`.
//!
//! | setting | member | left out where |
//! |---|---|---|
//! | `max_tokens` | `max_tokens` or `max_completion_tokens` | |
//! | `temperature`, `top_p` | the same | a model of OpenAI's reasons, which then takes the defaults alone |
//! | `top_k` | `top_k` | the row does not know it |
//! | `presence_penalty`, `frequency_penalty` | the same | the row does not know them |
//! | `logprobs` | `logprobs`, `top_logprobs` | the row does not know them |
//! | `reasoning_effort`, `reasoning_budget` | see [`thinking`] | the row has no such word |
//! | `cache_key` | `prompt_cache_key` | the row does not know it |
//! | `Message::cache` | `cache_control` on the message's last part | the row does not know it |
//! | `seed` | `seed` or `random_seed` | |
//! | `tool_choice`, `parallel_tool_calls` | the same | there are no tools |

mod assistant;
mod content;
mod ids;
mod messages;
mod output;
mod thinking;
mod tools;
pub(super) mod url;

use bytes::Bytes;
use graphbit_core::Result;
use serde::Serialize;

use self::messages::Lines;
use self::output::ResponseFormat;
use self::thinking::Thinking;
use self::tools::Choice;
use super::Target;
use crate::Request;
use crate::protocol::body::{json_or_sse, post};
use crate::protocol::function_tool::FunctionTool;
use crate::protocol::{is_reasoning_family, samples};
use crate::vendor::MaxTokensMember;

/// The body, borrowed from the request.
#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    messages: Lines<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<FunctionTool<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<Choice<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parallel_tool_calls: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_format: Option<ResponseFormat<'a>>,
    #[serde(flatten)]
    sampling: Sampling<'a>,
    #[serde(flatten)]
    thinking: Thinking,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    reasoning_split: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt_cache_key: Option<&'a str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
}

#[derive(Serialize)]
struct Sampling<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
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
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    logprobs: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_logprobs: Option<u8>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    stop: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    random_seed: Option<i64>,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

pub(super) fn encode(target: &Target<'_>, request: &Request) -> Result<http::Request<Bytes>> {
    let (quirks, chat, settings) = (target.quirks, &target.quirks.chat, &request.settings);
    let (response_format, instruction) = output::of(target, request);
    let has_tools = !request.tools.is_empty();
    let choice = request.tool_choice.as_ref().filter(|_| has_tools);
    let body = Body {
        model: target.model,
        messages: messages::of(chat, request, instruction)?,
        tools: request.tools.iter().map(FunctionTool::with_strict).collect(),
        tool_choice: choice.map(|choice| Choice::new(choice, chat.any_tool)),
        parallel_tool_calls: request.parallel_tool_calls.filter(|_| has_tools),
        response_format,
        sampling: sampling(target, request),
        thinking: Thinking::new(chat.thinking, settings),
        reasoning_split: quirks.reasoning_split,
        prompt_cache_key: settings.cache_key.as_deref().filter(|_| chat.cache_key),
        stream: request.streamed,
        stream_options: (request.streamed && quirks.stream_usage)
            .then_some(StreamOptions { include_usage: true }),
    };
    post(target, url::of(target, "/chat/completions")?, json_or_sse(request), &body, request)
}

fn sampling<'a>(target: &Target<'_>, request: &'a Request) -> Sampling<'a> {
    let (quirks, chat, settings) = (target.quirks, &target.quirks.chat, &request.settings);
    let newer = match quirks.max_tokens {
        MaxTokensMember::ByModel => wants_max_completion_tokens(target.model),
        MaxTokensMember::MaxTokens => false,
        MaxTokensMember::MaxCompletionTokens => true,
    };
    let logprobs = settings.logprobs.filter(|_| chat.logprobs);
    let is_free = quirks.max_tokens != MaxTokensMember::ByModel
        || samples(plain(target.model), settings.reasoning_effort);
    Sampling {
        max_tokens: settings.max_tokens.filter(|_| !newer),
        max_completion_tokens: settings.max_tokens.filter(|_| newer),
        temperature: settings.temperature.filter(|heat| is_free || *heat == 1.0),
        top_p: settings.top_p.filter(|share| is_free || *share == 1.0),
        top_k: settings.top_k.filter(|_| chat.top_k),
        presence_penalty: settings.presence_penalty.filter(|_| chat.penalties),
        frequency_penalty: settings.frequency_penalty.filter(|_| chat.penalties),
        logprobs: logprobs.is_some(),
        top_logprobs: logprobs.filter(|most| *most > 0),
        stop: &settings.stop,
        seed: settings.seed.filter(|_| !quirks.random_seed),
        random_seed: settings.seed.filter(|_| quirks.random_seed),
    }
}

/// OpenAI's reasoning models refuse `max_tokens`; older models and most compatible servers know nothing else.
fn wants_max_completion_tokens(model: &str) -> bool {
    is_reasoning_family(plain(model))
}

/// A model's name without that of its vendor.
fn plain(model: &str) -> &str {
    model.rsplit('/').next().unwrap_or(model)
}
