//! Texts → `POST {base}/embeddings` → vectors.
//! Source: OpenAI's API reference, "Embeddings"; how compatible vendors differ is [`Embedding`](crate::vendor::Embedding).

use std::collections::BTreeMap;

use bytes::Bytes;
use graphbit_core::Result;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::{encode, explain};
use crate::protocol::body::post_json;
use crate::protocol::embedding::corrupt;
use crate::protocol::lenient::{Counts, Text, object, present};
use crate::protocol::{Part, vectors};
use crate::{Embeddings, Purpose, Usage};

/// The body, borrowed from the request.
#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    input: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding_format: Option<&'static str>,
    /// What has another name at every vendor.
    #[serde(flatten)]
    options: BTreeMap<&'static str, Value>,
}

pub(super) fn encode(part: &Part<'_>) -> Result<http::Request<Bytes>> {
    let (target, row, request) = (&part.target, part.row, part.request);
    let mut options = BTreeMap::new();
    if let Some(dimensions) = request.dimensions {
        options.insert(row.dimensions, dimensions.into());
    }
    if let (Some(purpose), Some(words)) = (request.purpose, row.purpose) {
        let word = if purpose == Purpose::Query { words.query } else { words.document };
        options.insert(words.member, word.into());
    }
    let body = Body {
        model: target.model,
        input: part.texts,
        encoding_format: row.base64.then_some("base64"),
        options,
    };
    post_json(
        encode::url::of(target, "/embeddings")?,
        "application/json",
        &body,
        &[target.extra],
        part.said(),
    )
}

#[derive(Deserialize)]
struct Reply<'a> {
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
    #[serde(borrow, default)]
    model: Text<'a>,
    #[serde(borrow, default)]
    usage: Option<&'a RawValue>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
}

pub(super) fn decode(body: &[u8], part: &Part<'_>) -> Result<Embeddings> {
    let reply: Reply<'_> = object(body).map_err(|error| corrupt(body).caused_by(error))?;
    if let Some(error) = present(reply.error) {
        return Err(explain::inside_success(error));
    }
    let Some(data) = reply.data else { return Err(corrupt(body)) };
    let mut embeddings = vectors::read(data, part)?;
    embeddings.model = reply.model.get().map(str::to_owned);
    embeddings.usage = Counts::read(reply.usage).as_ref().map(usage);
    Ok(embeddings)
}

/// Voyage and Jina count in total only.
fn usage(counts: &Counts<'_>) -> Usage {
    let input = counts.at(&["prompt_tokens"]).or_else(|| counts.at(&["total_tokens"]));
    Usage::new(input, None).with_raw(counts.raw())
}
