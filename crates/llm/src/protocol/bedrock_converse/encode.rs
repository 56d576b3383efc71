//! Request → `POST {base}/model/{model}/converse`, or `/converse-stream`.

use bytes::Bytes;
use graphbit_core::{Error, Result};
use serde::Serialize;

use super::Target;
use crate::protocol::body::{post, segment};
use crate::{Message, Request, Role, Settings};

/// The body, borrowed from the request. The model is in the path; a seed cannot be said.
#[derive(Serialize)]
struct Body<'a> {
    messages: Vec<Turn<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    system: Vec<Block<'a>>,
    #[serde(rename = "inferenceConfig", skip_serializing_if = "Option::is_none")]
    inference_config: Option<InferenceConfig<'a>>,
}

#[derive(Serialize)]
struct Turn<'a> {
    role: Role,
    content: Vec<Block<'a>>,
}

#[derive(Serialize)]
struct Block<'a> {
    text: &'a str,
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
    request.settings.check()?;
    if target.model.is_empty() {
        return Err(Error::config("no model is named: Bedrock wants a model's or an inference profile's id"));
    }
    let (system, turns) = conversation(&request.messages);
    if turns.is_empty() {
        return Err(Error::invalid_input("Messages array cannot be empty: Bedrock wants a user message"));
    }
    let body = Body { messages: turns, system, inference_config: inference_config(&request.settings) };
    let mut path = format!("/model/{}", segment(target.model, b"")); // ids hold colons, and ARNs slashes too
    let accept = if request.streamed {
        path.push_str("/converse-stream");
        "application/vnd.amazon.eventstream"
    } else {
        path.push_str("/converse");
        "application/json"
    };
    post(target, target.url(&path), accept, &body, request)
}

/// The instructions, and the turns: Converse wants them to alternate, so what one side says in a row is one turn.
fn conversation(messages: &[Message]) -> (Vec<Block<'_>>, Vec<Turn<'_>>) {
    let (mut system, mut turns) = (Vec::new(), Vec::<Turn<'_>>::new());
    for message in messages {
        let block = Block { text: message.texts().next().unwrap_or_default() };
        match turns.last_mut() {
            _ if message.role == Role::System => system.push(block),
            Some(last) if last.role == message.role => last.content.push(block),
            _ => turns.push(Turn { role: message.role, content: vec![block] }),
        }
    }
    (system, turns)
}

fn inference_config(settings: &Settings) -> Option<InferenceConfig<'_>> {
    let config = InferenceConfig {
        max_tokens: settings.max_tokens,
        temperature: settings.temperature,
        top_p: settings.top_p,
        stop_sequences: &settings.stop,
    };
    let set = config.max_tokens.is_some()
        || config.temperature.is_some()
        || config.top_p.is_some()
        || !config.stop_sequences.is_empty();
    set.then_some(config)
}
