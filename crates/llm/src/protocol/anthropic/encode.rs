//! Request → `POST {base}/v1/messages`, or `POST {base}/publishers/anthropic/models/{model}:rawPredict` on Vertex AI.
//!
//! | in the request | on this wire |
//! |---|---|
//! | tools' results, and the user's message after them | one user turn, the results first |
//! | a message's `cache` | `cache_control` on its last block; of more than four marks the last four, the most that the vendor takes |
//! | thinking that this wire signed | as it came; any other is left out |
//! | a refusal | the assistant's text |
//! | files | PDF and text are documents, images are images; an uploaded file adds the header `anthropic-beta` that the Files API demands, which one of the configuration's replaces |
//! | `reasoningEffort`, `reasoningBudget` | `thinking` and `output_config.effort`, by the model, see `thinking` |
//! | `temperature`, `topP`, `topK` | only what the model takes: while it thinks little, from Claude 4.7 on the defaults alone |
//! | `output` | `output_config.format` where the model has it, else an instruction, see `output` |
//! | `presencePenalty`, `frequencyPenalty`, `logprobs`, `seed`, `cacheKey`, an image's `detail` | left out: the wire has no word for them |
//!
//! The server's own tools, citations, metadata and beta features go by the request's `extra` and the configuration's headers.

mod content;
mod messages;
mod model;
mod output;
mod thinking;
mod tools;

use bytes::Bytes;
use graphbit_core::Result;
use http::HeaderValue;
use http::Uri;
use serde::Serialize;

use super::Target;
use crate::protocol::body::{expect_turn, json_or_sse, post, segment};
use crate::{Media, Part, Request};
use content::Block;
use messages::Turn;
use model::Claude;
use thinking::Thinking;

/// The most tokens of an answer where the request sets no limit: this wire demands one. It is the smallest maximum of any
/// Claude model (Anthropic's models overview), so that every model accepts it; set `maxTokens` for longer answers. Tokens of
/// thinking are added to it.
pub const DEFAULT_MAX_TOKENS: u32 = 4096;

/// The version of the wire that is written and read here.
const VERSION: &str = "2023-06-01";
/// The same on Vertex AI, where the body says it ("Claude on Vertex AI").
const VERTEX_VERSION: &str = "vertex-2023-10-16";
/// What lets a message name an uploaded file (Anthropic's "Files API").
const FILES: &str = "files-api-2025-04-14";

/// The body, borrowed from the request: nothing is copied before it is written.
#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    anthropic_version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
    max_tokens: u32,
    #[serde(skip_serializing_if = "<[_]>::is_empty", serialize_with = "content::plain")]
    system: &'a [Block<'a>],
    messages: &'a [Turn<'a>],
    #[serde(skip_serializing_if = "<[_]>::is_empty", serialize_with = "tools::write")]
    tools: &'a [crate::Tool],
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<tools::Choice<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<Thinking>,
    #[serde(skip_serializing_if = "OutputConfig::is_empty")]
    output_config: OutputConfig<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_k: Option<u32>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    stop_sequences: &'a [String],
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    stream: bool,
}

#[derive(Serialize)]
struct OutputConfig<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    effort: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<output::Format<'a>>,
}

impl OutputConfig<'_> {
    fn is_empty(&self) -> bool {
        self.effort.is_none() && self.format.is_none()
    }
}

pub(super) fn encode(target: &Target<'_>, request: &Request) -> Result<http::Request<Bytes>> {
    expect_turn(request)?;
    let (settings, claude, vertex) = (&request.settings, Claude::of(target.model), target.quirks.raw_predict);
    let format = request.output.as_ref().and_then(|output| output::native(output, &claude, target.quirks));
    let thinking = thinking::plan(&claude, settings)?;
    let is_free = claude.samples() && !thinking.thinks();
    let (mut system, messages) = messages::split(&request.messages)?;
    if let Some(output) = request.output.as_ref().filter(|_| format.is_none()) {
        system.push(Block::text(output.instruction()));
    }
    let body = Body {
        anthropic_version: vertex.then_some(VERTEX_VERSION),
        model: (!vertex).then_some(target.model),
        max_tokens: thinking.max_tokens,
        system: &system,
        messages: &messages,
        tools: &request.tools,
        tool_choice: tools::choice(request),
        temperature: settings.temperature.filter(|share| is_free || *share == 1.0),
        top_p: settings.top_p.filter(|share| is_free || claude.samples() && *share >= 0.95),
        top_k: settings.top_k.filter(|_| is_free),
        output_config: OutputConfig { effort: thinking.effort, format },
        thinking: thinking.thinking,
        stop_sequences: &settings.stop,
        stream: request.streamed,
    };
    let mut encoded = post(target, url(target, request)?, json_or_sse(request), &body, request)?;
    let headers = encoded.headers_mut();
    if !vertex {
        headers.insert("anthropic-version", HeaderValue::from_static(VERSION));
    }
    if request.messages.iter().any(|message| names_upload(&message.content)) {
        headers.insert("anthropic-beta", HeaderValue::from_static(FILES));
    }
    Ok(encoded)
}

fn names_upload(parts: &[Part]) -> bool {
    parts.iter().any(|part| match part {
        Part::Image { media, .. } | Part::File { media, .. } => matches!(media, Media::Uploaded { .. }),
        Part::ToolResult(result) => names_upload(&result.content),
        _ => false,
    })
}

/// Some write the base URL with the version, as for other vendors, and some without, as this vendor does. On Vertex AI the
/// URL names the model.
fn url(target: &Target<'_>, request: &Request) -> Result<Uri> {
    if target.quirks.raw_predict {
        let verb = if request.streamed { "streamRawPredict" } else { "rawPredict" };
        return target.url(&format!("/publishers/anthropic/models/{}:{verb}", segment(target.model, b"@")));
    }
    let base = target.base_url.split_once('?').map_or(target.base_url, |(base, _)| base);
    let versioned = base.trim_end_matches('/').ends_with("/v1");
    target.url(if versioned { "/messages" } else { "/v1/messages" })
}
