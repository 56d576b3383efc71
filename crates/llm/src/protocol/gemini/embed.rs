//! Texts → `POST {base}/models/{model}:batchEmbedContents` → vectors.
//! Source: the Gemini API reference, "Embeddings". Vertex AI has another method, which is not spoken here.

use bytes::Bytes;
use graphbit_core::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::{encode, explain};
use crate::protocol::body::{patched, post_json};
use crate::protocol::embedding::corrupt;
use crate::protocol::lenient::{Counts, object, present};
use crate::protocol::{Part, vectors};
use crate::{Embeddings, Purpose, Usage};

#[derive(Serialize)]
struct Body<T> {
    requests: Vec<T>,
}

/// Every text is a request of its own.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct One<'a> {
    model: &'a str,
    content: Content<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    task_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_dimensionality: Option<u32>,
}

#[derive(Serialize)]
struct Content<'a> {
    parts: [Text<'a>; 1],
}

#[derive(Serialize)]
struct Text<'a> {
    text: &'a str,
}

pub(super) fn encode(part: &Part<'_>) -> Result<http::Request<Bytes>> {
    let target = &part.target;
    let path = encode::path(target.model)?;
    let url = target.url(&format!("{path}:batchEmbedContents"))?;
    let model = path.trim_start_matches('/');
    let requests = part.texts.iter().map(|text| One {
        model,
        content: Content { parts: [Text { text }] },
        task_type: part.request.purpose.map(|purpose| match purpose {
            Purpose::Query => "RETRIEVAL_QUERY",
            Purpose::Document => "RETRIEVAL_DOCUMENT",
        }),
        output_dimensionality: part.request.dimensions,
    });
    let said = part.said() + part.texts.len() * (150 + model.len());
    if target.extra.is_empty() {
        return post_json(url, "application/json", &Body { requests: requests.collect() }, &[], said);
    }
    let requests: serde_json::Result<Vec<Value>> =
        requests.map(|request| patched(&request, &[target.extra])).collect();
    let requests =
        requests.map_err(|error| Error::invalid_input("the request is not JSON").caused_by(error))?;
    post_json(url, "application/json", &Body { requests }, &[], said)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reply<'a> {
    #[serde(borrow, default)]
    embeddings: Option<&'a RawValue>,
    #[serde(borrow, default)]
    usage_metadata: Option<&'a RawValue>,
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
    embeddings.usage = Counts::read(reply.usage_metadata).as_ref().map(usage);
    Ok(embeddings)
}

fn usage(counts: &Counts<'_>) -> Usage {
    Usage::new(counts.at(&["promptTokenCount"]), None).with_raw(counts.raw())
}
