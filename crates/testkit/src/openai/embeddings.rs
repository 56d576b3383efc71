//! Embeddings: small unit vectors made from a hash of the text, the same on every machine.

use serde_json::{Value, json};

use crate::reply::hash;

/// Numbers in a vector, unless the request says how many.
const DIMENSIONS: usize = 8;
const MAX_DIMENSIONS: usize = 8192;

/// The body for this request, or why there is none.
pub(crate) fn embeddings(request: &Value) -> Result<Value, &'static str> {
    let inputs = match request.get("input") {
        Some(Value::String(text)) => vec![text.clone()],
        // A list of numbers is one input of tokens.
        Some(Value::Array(items)) if !items.is_empty() && items.iter().all(Value::is_number) => {
            vec![Value::Array(items.clone()).to_string()]
        }
        Some(Value::Array(items)) => {
            items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), String::from)).collect()
        }
        _ => return Err("input must be a string or a list"),
    };
    let dimensions = dimensions(request.get("dimensions").or_else(|| request.get("output_dimension")))?;
    let packed = request.get("encoding_format").and_then(Value::as_str) == Some("base64");
    let data: Vec<Value> = inputs
        .iter()
        .enumerate()
        .map(|(index, text)| {
            let vector = vector(text, dimensions);
            let embedding = if packed { json!(base64(&vector)) } else { json!(vector) };
            json!({"object": "embedding", "index": index, "embedding": embedding})
        })
        .collect();
    let tokens = inputs.iter().map(|text| text.len().div_ceil(4)).sum::<usize>();
    Ok(json!({
        "object": "list",
        "data": data,
        "model": request.get("model").and_then(Value::as_str).unwrap_or_default(),
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    }))
}

/// How many numbers a vector has where the request says this.
pub(crate) fn dimensions(wanted: Option<&Value>) -> Result<usize, &'static str> {
    match wanted.filter(|wanted| !wanted.is_null()) {
        None => Ok(DIMENSIONS),
        Some(wanted) => wanted
            .as_u64()
            .and_then(|wanted| usize::try_from(wanted).ok())
            .filter(|wanted| (1..=MAX_DIMENSIONS).contains(wanted))
            .ok_or("dimensions must be between 1 and 8192"),
    }
}

/// A vector of length one; equal texts give equal vectors.
pub(crate) fn vector(text: &str, dimensions: usize) -> Vec<f32> {
    let mut state = hash(text.as_bytes());
    let raw: Vec<f32> = (0..dimensions)
        .map(|_| {
            // SplitMix64 (Steele, Lea, Flood 2014), of which the top 16 bits: exact in a float.
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            let bits = u16::try_from((z ^ (z >> 31)) >> 48).unwrap_or(0);
            f32::from(bits) / 32768.0 - 1.0
        })
        .collect();
    let norm = raw.iter().map(|x| x * x).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    raw.into_iter().map(|x| x / norm).collect()
}

/// Little-endian floats in base64 (RFC 4648), the form the vendor's own clients ask for.
fn base64(vector: &[f32]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bytes: Vec<u8> = vector.iter().flat_map(|x| x.to_le_bytes()).collect();
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let digit =
                usize::try_from(bits >> (18 - 6 * place) & 63).ok().and_then(|digit| ALPHABET.get(digit));
            out.push(if place > group.len() { '=' } else { digit.map_or('=', |digit| char::from(*digit)) });
        }
    }
    out
}

#[cfg(test)]
mod tests;
