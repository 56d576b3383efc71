//! The settings of an agent node: what to ask which model, and how.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::present;

/// What an agent node asks. Ranges are checked by [`Graph::validate`](crate::Graph::validate), not here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Agent {
    /// The prompt, a [`Template`](crate::Template).
    pub prompt: Arc<str>,
    /// The system prompt, a template as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system_prompt: Option<Arc<str>>,
    /// The sampling temperature, 0 to 2; `None` leaves it to the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// The most tokens the model may write in one reply, at least 1; `None` leaves it to the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u32>,
    /// Another model of the executor's vendor; `None` takes the executor's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The JSON Schema of its answer, which is then JSON instead of text.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub output: Option<Value>,
}

impl Agent {
    /// An agent that asks `prompt` and leaves everything else to the model.
    pub fn new(prompt: impl Into<Arc<str>>) -> Self {
        Self {
            prompt: prompt.into(),
            system_prompt: None,
            temperature: None,
            max_tokens: None,
            model: None,
            output: None,
        }
    }

    /// Sets the system prompt.
    #[must_use]
    pub fn with_system_prompt(mut self, prompt: impl Into<Arc<str>>) -> Self {
        self.system_prompt = Some(prompt.into());
        self
    }

    /// Sets the sampling temperature, 0 to 2.
    #[must_use]
    pub fn with_temperature(mut self, temperature: f64) -> Self {
        self.temperature = Some(temperature);
        self
    }

    /// Sets the most tokens of one reply, at least 1.
    #[must_use]
    pub fn with_max_tokens(mut self, max_tokens: u32) -> Self {
        self.max_tokens = Some(max_tokens);
        self
    }

    /// Sets the model.
    #[must_use]
    pub fn with_model(mut self, model: impl Into<String>) -> Self {
        self.model = Some(model.into());
        self
    }

    /// Sets the JSON Schema of the answer.
    #[must_use]
    pub fn with_output(mut self, schema: impl Into<Value>) -> Self {
        self.output = Some(schema.into());
        self
    }
}
