//! Request → `POST {base}/responses`. Source: OpenAI's API reference, "Create a model response".
//!
//! The conversation is the caller's: it goes with every request, so nothing is stored (`store: false`, which is all that
//! OpenRouter and Codex take, and which spares OpenAI's servers a look-up). What the vendor does not store it cannot look up,
//! so hidden thinking has to come as a cipher (`include`) and goes back as it came.
//!
//! | ours | here |
//! |---|---|
//! | system messages | items of the list, as the others (Codex alone wants `instructions`: `extra`) |
//! | `maxTokens`, `temperature`, `topP` | `max_output_tokens`, `temperature`, `top_p`; of a model that reasons, the defaults of the last two alone |
//! | `reasoningEffort` | `reasoning.effort`; a summary is not asked for, many accounts may not: `extra` |
//! | `logprobs` | `top_logprobs` and `include` |
//! | `cacheKey` | `prompt_cache_key`; marks (`cache`) are left to the vendor, who caches by itself |
//! | `reasoningBudget`, `topK`, penalties, `stop`, `seed` | no word for them: left out |
//! | a tool that failed | its result says so: no word for it |
//! | thinking without proof, or of another wire | left out |

mod messages;
mod output;
mod tools;

use bytes::Bytes;
use graphbit_core::Result;
use http::Uri;
use serde::Serialize;

use self::messages::{Item, items};
use self::output::Format;
use self::tools::{Choice, Function};
use super::Target;
use crate::protocol::body::{json_or_sse, post};
use crate::protocol::{is_reasoning_family, samples};
use crate::vendor::{EncryptedReasoning, MaxTokensMember};
use crate::{ReasoningEffort, Request, Settings};

/// The body, borrowed from the request: nothing is copied before it is written.
#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    input: Vec<Item<'a>>,
    store: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    include: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_output_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_logprobs: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning: Option<Reasoning>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt_cache_key: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Function<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<Choice<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parallel_tool_calls: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<Text<'a>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    stream: bool,
}

#[derive(Serialize)]
struct Reasoning {
    effort: &'static str,
}

#[derive(Serialize)]
struct Text<'a> {
    format: Format<'a>,
}

pub(super) fn encode(target: &Target<'_>, request: &Request) -> Result<http::Request<Bytes>> {
    let settings = &request.settings;
    let mut include = Vec::new();
    if wants_cipher(target, settings) {
        include.push("reasoning.encrypted_content");
    }
    if settings.logprobs.is_some() {
        include.push("message.output_text.logprobs");
    }
    let has_tools = !request.tools.is_empty();
    let name = target.model.rsplit('/').next().unwrap_or(target.model);
    let is_free =
        target.quirks.max_tokens != MaxTokensMember::ByModel || samples(name, settings.reasoning_effort);
    let body = Body {
        model: target.model,
        input: items(&request.messages)?,
        store: false,
        include,
        max_output_tokens: settings.max_tokens,
        temperature: settings.temperature.filter(|heat| is_free || *heat == 1.0),
        top_p: settings.top_p.filter(|share| is_free || *share == 1.0),
        top_logprobs: settings.logprobs,
        reasoning: settings.reasoning_effort.map(|effort| Reasoning { effort: effort.as_str() }),
        prompt_cache_key: settings.cache_key.as_deref(),
        tools: request.tools.iter().map(Function::from).collect(),
        // Both are refused where there are no tools to choose from.
        tool_choice: request.tool_choice.as_ref().filter(|_| has_tools).map(Choice::from),
        parallel_tool_calls: request.parallel_tool_calls.filter(|_| has_tools),
        text: request.output.as_ref().map(|output| Text { format: output.into() }),
        stream: request.streamed,
    };
    post(target, url(target)?, json_or_sse(request), &body, request)
}

/// A resource of Azure's without a path has this wire at its newer base, which asks for no version.
/// Source: Azure OpenAI in Foundry Models, "v1 API".
fn url(target: &Target<'_>) -> Result<Uri> {
    let base = target.base_url.split_once('?').map_or(target.base_url, |(base, _)| base);
    let host = base.split_once("://").map_or(base, |(_, host)| host);
    let is_resource = target.quirks.deployments.is_some() && !host.trim_end_matches('/').contains('/');
    target.url(if is_resource { "/openai/v1/responses" } else { "/responses" })
}

/// Whether thinking is asked for as a cipher.
fn wants_cipher(target: &Target<'_>, settings: &Settings) -> bool {
    match target.quirks.encrypted_reasoning {
        EncryptedReasoning::Never => false,
        EncryptedReasoning::Always => true,
        EncryptedReasoning::ByModel => {
            let asked = settings.reasoning_effort.is_some_and(|effort| effort != ReasoningEffort::None);
            asked || reasons(target.model)
        }
    }
}

/// Whether a model of OpenAI's is known to reason. The others refuse to be asked for the cipher: gpt-4.1 and gpt-4o, and
/// those named `chat` among the newer ones.
fn reasons(model: &str) -> bool {
    let name = model.rsplit('/').next().unwrap_or(model);
    let name = name.strip_prefix("openai.").unwrap_or(name); // as Bedrock names them
    (is_reasoning_family(name) || name.starts_with("codex-")) && !name.contains("-chat")
}
