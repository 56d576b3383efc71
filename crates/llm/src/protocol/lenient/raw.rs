//! Members that are kept as JSON text until it is known what they are needed for. One that is `null` is absent already.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::Text;

/// A member, unless it says that there is nothing: some servers send such an error with every success.
pub(crate) fn present(raw: Option<&RawValue>) -> Option<&str> {
    raw.map(RawValue::get).filter(|text| !matches!(*text, "null" | "false" | "\"\"" | "{}" | "[]"))
}

/// JSON text out of a member that holds it in a string, as most wires do, or as the value itself.
pub(crate) fn json_text(raw: Option<&RawValue>) -> Cow<'_, str> {
    let raw = raw.map(RawValue::get).filter(|text| *text != "null").unwrap_or_default();
    let text = if raw.starts_with('"') { serde_json::from_str(raw).ok() } else { None };
    text.and_then(|Text(text)| text).unwrap_or(Cow::Borrowed(raw))
}
