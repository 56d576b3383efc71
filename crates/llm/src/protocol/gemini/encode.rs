//! Request → `POST {base}/models/{model}:generateContent`, or `:streamGenerateContent?alt=sse`.
//!
//! What this wire has no word for is left out:
//!
//! | of a request | because |
//! |---|---|
//! | `parallel_tool_calls` | the model decides |
//! | the cache key, cache marks | caching is implicit; an explicit cache is a resource that `extra.cachedContent` names |
//! | an image's `detail`, a file's name | the resolution is a setting of some models only, a name one of Vertex AI only |
//! | the name of an output schema, `strict` on one | a schema is always held to |
//! | thinking without a signature | it is the vendor's summary, not what the model goes on with |
//! | how much to think, for models that do not | |

mod config;
mod media;
mod messages;
mod model;
mod output;
mod thinking;
mod tools;

use bytes::Bytes;
use graphbit_core::{Error, Result};
use http::Uri;
use serde::Serialize;

use super::Target;
use crate::Request;
use crate::protocol::body::{self, expect_turn, json_or_sse, post};
use config::Config;
use messages::{Content, contents, instructions};
use tools::{ToolConfig, Toolbox};

/// The body, borrowed from the request: nothing is copied before it is written.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    system_instruction: Option<Content<'a>>,
    contents: Vec<Content<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tools: Option<[Toolbox<'a>; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_config: Option<ToolConfig<'a>>,
    #[serde(skip_serializing_if = "Config::is_empty")]
    generation_config: Config<'a>,
}

pub(super) fn encode(target: &Target<'_>, request: &Request) -> Result<http::Request<Bytes>> {
    expect_turn(request)?;
    let traits = model::traits(target.model);
    // Models that take no schema beside tools are told in words.
    let (schema, told) = match &request.output {
        Some(output) if request.tools.is_empty() || traits.schema_with_tools => (Some(output), None),
        output => (None, output.as_ref()),
    };
    let body = Body {
        system_instruction: instructions(&request.messages, told),
        contents: contents(&request.messages, &traits, target.quirks.call_ids)?,
        tools: Toolbox::of(&request.tools).map(|toolbox| [toolbox]),
        tool_config: ToolConfig::of(request),
        generation_config: Config::of(&request.settings, traits.thinking, schema),
    };
    post(target, url(target, request.streamed)?, json_or_sse(request), &body, request)
}

fn url(target: &Target<'_>, streamed: bool) -> Result<Uri> {
    let verb = if streamed { ":streamGenerateContent?alt=sse" } else { ":generateContent" };
    target.url(&(path(target.model)? + verb))
}

/// A name with a slash is a resource of its own, as in `tunedModels/mine`.
pub(super) fn path(model: &str) -> Result<String> {
    let mut path = String::from(if model.contains('/') { "/" } else { "/models/" });
    for (at, segment) in model.split('/').enumerate() {
        if matches!(segment, "" | "." | "..") {
            return Err(Error::config(format!("{model:?} is not the name of a model")));
        }
        if at > 0 {
            path.push('/');
        }
        path.push_str(&body::segment(segment, b"@"));
    }
    Ok(path)
}
