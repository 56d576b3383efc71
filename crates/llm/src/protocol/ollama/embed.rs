//! Texts → `POST {base}/api/embed` → vectors.
//! Source: Ollama's API reference, "Generate Embeddings".

use bytes::Bytes;
use graphbit_core::Result;
use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_json::value::RawValue;

use super::explain;
use crate::protocol::body::post_json;
use crate::protocol::embedding::corrupt;
use crate::protocol::lenient::{Number, Text, object, present};
use crate::protocol::{Part, vectors};
use crate::{Embeddings, Usage};

/// The body, borrowed from the request. What a model wants to hear of the purpose stands in the texts.
#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    input: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    dimensions: Option<u32>,
}

pub(super) fn encode(part: &Part<'_>) -> Result<http::Request<Bytes>> {
    let target = &part.target;
    let body = Body { model: target.model, input: part.texts, dimensions: part.request.dimensions };
    post_json(target.url("/api/embed")?, "application/json", &body, &[target.extra], part.said())
}

#[derive(Deserialize)]
struct Reply<'a> {
    #[serde(borrow, default)]
    model: Text<'a>,
    #[serde(borrow, default)]
    embeddings: Option<&'a RawValue>,
    #[serde(default)]
    prompt_eval_count: Number,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
}

pub(super) fn decode(body: &[u8], part: &Part<'_>) -> Result<Embeddings> {
    let reply: Reply<'_> = object(body).map_err(|error| corrupt(body).caused_by(error))?;
    if let Some(error) = present(reply.error) {
        return Err(explain::inside_success(error));
    }
    let Some(list) = reply.embeddings else { return Err(corrupt(body)) };
    let mut embeddings = vectors::read(list, part)?;
    embeddings.model = reply.model.get().map(str::to_owned);
    embeddings.usage = reply
        .prompt_eval_count
        .0
        .map(|tokens| Usage::new(Some(tokens), None).with_raw(json!({ "prompt_eval_count": tokens })));
    Ok(embeddings)
}
