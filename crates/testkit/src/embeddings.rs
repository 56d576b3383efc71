//! Embeddings on every wire that has them here. The vectors are the same on all.

use serde_json::{Value, json};

use crate::openai::embeddings::{dimensions, embeddings, vector};

/// A wire, known by its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wire {
    OpenAi,
    Gemini,
    Cohere,
    Ollama,
}

impl Wire {
    pub(crate) fn of(path: &str) -> Option<Self> {
        let ends = [
            ("/embeddings", Self::OpenAi),
            (":batchEmbedContents", Self::Gemini),
            ("/v2/embed", Self::Cohere),
            ("/api/embed", Self::Ollama),
        ];
        ends.into_iter().find_map(|(end, wire)| path.ends_with(end).then_some(wire))
    }

    /// The body for this request, or why there is none.
    pub(crate) fn body(self, request: &Value) -> Result<Value, &'static str> {
        match self {
            Self::OpenAi => embeddings(request),
            Self::Gemini => gemini(request),
            Self::Cohere => cohere(request),
            Self::Ollama => ollama(request),
        }
    }
}

/// Source: the Gemini API reference, "Embeddings".
fn gemini(request: &Value) -> Result<Value, &'static str> {
    let requests = request.get("requests").and_then(Value::as_array).ok_or("requests must be a list")?;
    let one = |one: &Value| {
        let text = one.pointer("/content/parts/0/text").and_then(Value::as_str);
        let text = text.ok_or("content.parts must hold a text")?;
        Ok(json!({"values": vector(text, dimensions(one.get("outputDimensionality"))?)}))
    };
    Ok(json!({"embeddings": requests.iter().map(one).collect::<Result<Vec<_>, _>>()?}))
}

/// Source: Cohere's API reference, "Embed API (v2)".
fn cohere(request: &Value) -> Result<Value, &'static str> {
    if request.get("input_type").is_none() {
        return Err("input_type must be given");
    }
    let texts = texts(request.get("texts"))?;
    let vectors = vectors(&texts, request.get("output_dimension"))?;
    Ok(json!({
        "id": "embed_testkit",
        "embeddings": {"float": vectors},
        "texts": texts,
        "meta": {"api_version": {"version": "2"}, "billed_units": {"input_tokens": tokens(&texts)}},
        "response_type": "embeddings_by_type",
    }))
}

/// Source: Ollama's API reference, "Generate Embeddings".
fn ollama(request: &Value) -> Result<Value, &'static str> {
    let texts = texts(request.get("input"))?;
    Ok(json!({
        "model": request.get("model").and_then(Value::as_str).unwrap_or_default(),
        "embeddings": vectors(&texts, request.get("dimensions"))?,
        "total_duration": 14_143_917,
        "load_duration": 1_019_500,
        "prompt_eval_count": tokens(&texts),
    }))
}

/// A text, or a list of them.
fn texts(input: Option<&Value>) -> Result<Vec<&str>, &'static str> {
    match input {
        Some(Value::String(text)) => Ok(vec![text]),
        Some(Value::Array(items)) => {
            items.iter().map(|item| item.as_str().ok_or("every text must be a string")).collect()
        }
        _ => Err("the texts must be a string or a list"),
    }
}

fn vectors(texts: &[&str], wanted: Option<&Value>) -> Result<Vec<Vec<f32>>, &'static str> {
    let dimensions = dimensions(wanted)?;
    Ok(texts.iter().map(|text| vector(text, dimensions)).collect())
}

/// Four bytes a token.
fn tokens(texts: &[&str]) -> usize {
    texts.iter().map(|text| text.len().div_ceil(4)).sum()
}

#[cfg(test)]
mod tests;
