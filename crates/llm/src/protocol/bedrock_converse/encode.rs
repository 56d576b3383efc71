//! Request → `POST {base}/model/{model}/converse`, or `/converse-stream`.
//! Source: Amazon Bedrock API reference, "Converse"; for what only some models take, [`model`].
//!
//! | of a request                          | here                                                                       |
//! |---------------------------------------|----------------------------------------------------------------------------|
//! | what one side says in a row           | one turn: turns must alternate, and tool results are the user's            |
//! | blank texts                           | left out: Bedrock refuses them                                             |
//! | image, document, sound, video         | bytes, or an address in S3; nothing else is read, so else `INVALID_INPUT`  |
//! | thinking with our own signature       | as it came, also where it is hidden; other thinking is left out            |
//! | a refusal                             | the assistant's text                                                       |
//! | tools forbidden or gone               | no tools; where the history has calls, Bedrock demands tools: then in words |
//! | top K, thinking, caching, schema      | for models that take it; a schema else in words                            |
//! | seed, penalties, probabilities, parallel calls, cache key | left out: no words for them                            |

mod media;
mod messages;
mod model;
mod output;
mod tools;

use bytes::Bytes;
use graphbit_core::{Error, Result};
use serde::Serialize;
use serde_json::{Map, Value};

use super::Target;
use crate::protocol::body::{expect_turn, post, segment};
use crate::{Request, Settings};
use messages::{Block, Conversation, Turn};
use model::{Additional, Model};
use output::OutputConfig;
use tools::ToolConfig;

/// The body, borrowed from the request. The model is in the path.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    messages: Vec<Turn<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    system: Vec<Block<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inference_config: Option<InferenceConfig<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_config: Option<ToolConfig<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_config: Option<OutputConfig<'a>>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    additional_model_request_fields: Map<String, Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InferenceConfig<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f64>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    stop_sequences: &'a [String],
}

pub(super) fn encode(target: &Target<'_>, request: &Request) -> Result<http::Request<Bytes>> {
    if target.model.is_empty() {
        return Err(Error::config("no model is named: Bedrock wants a model's or an inference profile's id"));
    }
    expect_turn(request)?;
    let model = Model::of(target.model);
    let mut said = Conversation::read(&request.messages, &model)?;
    let output_config = match &request.output {
        Some(output) if model.takes(output) => Some(OutputConfig::of(output)),
        Some(output) => {
            said.instruct(output.instruction());
            None
        }
        None => None,
    };
    let tool_config = ToolConfig::of(request, &model);
    if tools::are_forbidden(request) && tool_config.is_some() {
        said.instruct(tools::FORBIDDEN.to_owned());
    }
    let additional = model.additional(&request.settings);
    let body = Body {
        messages: said.turns,
        system: said.system,
        inference_config: inference_config(&request.settings, &additional),
        tool_config,
        output_config,
        additional_model_request_fields: additional.fields,
    };
    let mut path = format!("/model/{}", segment(target.model, b"")); // ids hold colons, and ARNs slashes too
    let accept = if request.streamed {
        path.push_str("/converse-stream");
        "application/vnd.amazon.eventstream"
    } else {
        path.push_str("/converse");
        "application/json"
    };
    post(target, target.url(&path)?, accept, &body, request)
}

fn inference_config<'a>(settings: &'a Settings, additional: &Additional) -> Option<InferenceConfig<'a>> {
    let config = InferenceConfig {
        max_tokens: settings.max_tokens.filter(|_| additional.limited),
        temperature: settings.temperature.filter(|_| additional.sampled),
        top_p: settings.top_p.filter(|_| additional.sampled),
        stop_sequences: &settings.stop,
    };
    let set = config.max_tokens.is_some()
        || config.temperature.is_some()
        || config.top_p.is_some()
        || !config.stop_sequences.is_empty();
    set.then_some(config)
}
