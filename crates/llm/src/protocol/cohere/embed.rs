//! Texts → `POST {base}/v2/embed` → vectors.
//! Source: Cohere's API reference, "Embed API (v2)".

use bytes::Bytes;
use graphbit_core::Result;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::explain;
use crate::protocol::body::post_json;
use crate::protocol::embedding::corrupt;
use crate::protocol::lenient::{Counts, Object, object};
use crate::protocol::{Part, vectors};
use crate::{Embeddings, Purpose, Usage};

/// The body, borrowed from the request.
#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    texts: &'a [String],
    input_type: &'static str, // models from version 3 on refuse to be told nothing
    embedding_types: [&'static str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    output_dimension: Option<u32>,
}

pub(super) fn encode(part: &Part<'_>) -> Result<http::Request<Bytes>> {
    let target = &part.target;
    let body = Body {
        model: target.model,
        texts: part.texts,
        input_type: match part.request.purpose {
            Some(Purpose::Query) => "search_query",
            Some(Purpose::Document) | None => "search_document",
        },
        embedding_types: ["float"],
        output_dimension: part.request.dimensions,
    };
    post_json(target.url("/v2/embed")?, "application/json", &body, &[target.extra], part.said())
}

#[derive(Deserialize)]
struct Reply<'a> {
    #[serde(borrow, default)]
    embeddings: Object<Types<'a>>,
    #[serde(borrow, default)]
    meta: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Types<'a> {
    #[serde(borrow, default)]
    float: Option<&'a RawValue>,
}

pub(super) fn decode(body: &[u8], part: &Part<'_>) -> Result<Embeddings> {
    let reply: Reply<'_> = object(body).map_err(|error| corrupt(body).caused_by(error))?;
    let Some(list) = reply.embeddings.0.and_then(|types| types.float) else {
        return Err(explain::inside_success(body).unwrap_or_else(|| corrupt(body)));
    };
    let mut embeddings = vectors::read(list, part)?;
    embeddings.usage = Counts::read(reply.meta).as_ref().map(usage);
    Ok(embeddings)
}

/// What was read is only told as what is billed, in numbers that the reference calls doubles.
fn usage(counts: &Counts<'_>) -> Usage {
    Usage::new(counts.at(&["billed_units", "input_tokens"]), None).with_raw(counts.raw())
}
