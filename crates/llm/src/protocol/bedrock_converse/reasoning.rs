//! Thinking that is sent back: how a message keeps what Bedrock wants to see again, and how that is written.

use serde::Serialize;

use super::WIRE;
use crate::Signature;

/// Begins a mark that is the cipher of hidden thinking; any other is a signature of shown thinking. Neither is more than
/// base64, so the two cannot be taken for each other.
const HIDDEN: &str = "redactedContent:";

/// The mark of thinking that is shown.
pub(super) fn signed(signature: &str) -> Signature {
    Signature::new(WIRE, signature)
}

/// The mark of thinking that is hidden.
pub(super) fn hidden(cipher: &str) -> Signature {
    Signature::new(WIRE, format!("{HIDDEN}{cipher}"))
}

/// Thinking as it came.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Proof<'a> {
    ReasoningText { text: &'a str, signature: &'a str },
    RedactedContent(&'a str),
}

impl<'a> Proof<'a> {
    /// `None` where the mark is of another wire.
    pub(super) fn of(text: &'a str, mark: &'a Signature) -> Option<Self> {
        (mark.wire == WIRE).then(|| match mark.value.strip_prefix(HIDDEN) {
            Some(cipher) => Self::RedactedContent(cipher),
            None => Self::ReasoningText { text, signature: &mark.value },
        })
    }
}
