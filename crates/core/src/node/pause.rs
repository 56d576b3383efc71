//! A question to somebody outside: a person, or another system.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::present;

/// A question; the answer is the node's output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Pause {
    /// What is asked, a [`Template`](crate::Template).
    pub question: Arc<str>,
    /// The JSON Schema of the answer; `None` takes any.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub answer: Option<Value>,
}

impl Pause {
    /// A question that takes any answer.
    pub fn new(question: impl Into<Arc<str>>) -> Self {
        Self { question: question.into(), answer: None }
    }

    /// Sets the JSON Schema of the answer.
    #[must_use]
    pub fn with_answer(mut self, schema: impl Into<Value>) -> Self {
        self.answer = Some(schema.into());
        self
    }
}
