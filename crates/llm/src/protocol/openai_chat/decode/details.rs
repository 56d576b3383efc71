//! The `reasoning_details` of a stream, put together again so that they can be sent back: OpenRouter, MiniMax and Snowflake
//! cut their texts into pieces of the same `type` and `index`.
//! Source: OpenRouter's guide "Reasoning tokens".

use graphbit_core::{Error, ErrorCode, Result};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::Signature;
use crate::protocol::lenient::List;
use crate::protocol::openai_chat::WIRE;
use crate::protocol::{Emitter, MOST_CALLS};

/// The most bytes of them that are kept, a million tokens.
const MOST_BYTES: usize = 4 << 20;
/// Their texts, which grow; every other member is whole.
const TEXTS: [&str; 2] = ["text", "summary"];

/// The details so far.
#[derive(Debug, Default)]
pub(super) struct Details {
    items: Vec<Map<String, Value>>,
    bytes: usize,
}

impl Details {
    /// Adds the pieces of a chunk.
    ///
    /// # Errors
    /// `PROTOCOL` when they have no end.
    pub(super) fn add(&mut self, raw: &RawValue) -> Result<()> {
        if raw.get().len() > MOST_BYTES {
            return Err(endless());
        }
        let read = serde_json::from_str::<List<Map<String, Value>>>(raw.get());
        let List(pieces) = read.map_err(|error| endless().caused_by(error))?;
        for piece in pieces {
            match self.items.iter_mut().rfind(|item| continues(item, &piece)) {
                Some(item) => self.bytes += merge(item, piece),
                None => {
                    self.bytes += piece.iter().map(|(name, value)| name.len() + weight(value)).sum::<usize>();
                    self.items.push(piece);
                }
            }
        }
        if self.bytes > MOST_BYTES || self.items.len() > MOST_CALLS { Err(endless()) } else { Ok(()) }
    }

    /// Emits them, if there are any.
    pub(super) fn sign(&mut self, out: &mut Emitter) {
        let items = std::mem::take(self).items;
        if !items.is_empty() {
            let items = Value::Array(items.into_iter().map(Value::Object).collect());
            out.sign_reasoning(Signature::new(WIRE, items.to_string()));
        }
    }
}

/// Whether a piece belongs to an item: encrypted ones come whole, and behind its signature nothing is added to a text.
fn continues(item: &Map<String, Value>, piece: &Map<String, Value>) -> bool {
    let same = |name: &str| item.get(name) == piece.get(name);
    let has = |of: &Map<String, Value>, name: &str| !is_empty(of.get(name));
    let other_id = has(item, "id") && has(piece, "id") && !same("id");
    let follows_signature = has(item, "signature") && TEXTS.iter().any(|name| has(piece, name));
    same("type") && same("index") && !other_id && !has(piece, "data") && !follows_signature
}

/// How many bytes the item grew.
fn merge(item: &mut Map<String, Value>, piece: Map<String, Value>) -> usize {
    let mut grown = 0;
    for (name, value) in piece {
        match (item.get_mut(&name), value) {
            (_, Value::Null) => {}
            (Some(Value::String(text)), Value::String(more)) if TEXTS.contains(&&*name) => {
                grown += more.len();
                text.push_str(&more);
            }
            (Some(known), value) if is_empty(Some(known)) => {
                grown += weight(&value);
                *known = value;
            }
            (Some(_), _) => {}
            (None, value) => {
                grown += name.len() + weight(&value);
                item.insert(name, value);
            }
        }
    }
    grown
}

fn is_empty(value: Option<&Value>) -> bool {
    value.is_none_or(|value| value.is_null() || value.as_str() == Some(""))
}

/// Roughly the bytes of a value.
fn weight(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(_) | Value::Object(_) => value.to_string().len(),
        _ => 8,
    }
}

fn endless() -> Error {
    Error::new(
        ErrorCode::Protocol,
        format!("the reply's reasoning_details are more than {MOST_BYTES} bytes or {MOST_CALLS} items"),
    )
}
