//! Tools as a model is told of them. Running one is the executor's.

use graphbit_core::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A tool that a model may call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Tool {
    /// Its name: letters, digits, `_` and `-`, at most 64.
    pub name: String,
    /// When and how to use it.
    #[serde(default)]
    pub description: String,
    /// The arguments, as a JSON Schema of an object.
    #[serde(default = "no_arguments")]
    pub parameters: Value,
    /// Whether the vendor should hold the model to the schema, where it can.
    #[serde(default)]
    pub strict: Option<bool>,
}

impl Tool {
    /// A tool without arguments.
    pub fn new(name: impl Into<String>, description: impl Into<String>) -> Self {
        Self { name: name.into(), description: description.into(), parameters: no_arguments(), strict: None }
    }

    /// Says what its arguments are, as a JSON Schema of an object.
    #[must_use]
    pub fn parameters(mut self, schema: Value) -> Self {
        self.parameters = schema;
        self
    }

    /// Checks what every vendor refuses.
    ///
    /// # Errors
    /// `INVALID_INPUT` that names the tool.
    pub fn check(&self) -> Result<()> {
        let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        if self.name.is_empty() || self.name.len() > 64 || !self.name.chars().all(known) {
            let message = format!("the tool name {:?} must be 1 to 64 letters, digits, _ or -", self.name);
            return Err(Error::invalid_input(message));
        }
        if !self.parameters.is_object() {
            let message =
                format!("the parameters of tool {:?} must be a JSON Schema of an object", self.name);
            return Err(Error::invalid_input(message));
        }
        Ok(())
    }
}

fn no_arguments() -> Value {
    json!({ "type": "object", "properties": {} })
}

/// Which tools a model may or must call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ToolChoice {
    /// It decides.
    Auto,
    /// None, though they are told.
    None,
    /// At least one.
    Required,
    /// This one.
    Tool(String),
}

/// The form that an answer must have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct OutputSchema {
    /// A name for it: letters, digits, `_` and `-`.
    #[serde(default = "output")]
    pub name: String,
    /// What it is, for the model.
    #[serde(default)]
    pub description: String,
    /// The JSON Schema.
    pub schema: Value,
    /// Whether the vendor should hold the model to the schema while it writes, where it can. Some vendors then refuse parts of
    /// JSON Schema; unset, the vendor decides.
    #[serde(default)]
    pub strict: Option<bool>,
}

impl OutputSchema {
    /// Answers by this schema.
    pub fn new(schema: Value) -> Self {
        Self { name: output(), description: String::new(), schema, strict: None }
    }

    /// Names it.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// The instruction for a model whose vendor takes no schema.
    pub(crate) fn instruction(&self) -> String {
        let about =
            if self.description.is_empty() { String::new() } else { format!(" ({})", self.description) };
        format!(
            "Answer with one JSON value{about} that is valid by this JSON Schema, and with nothing else: no prose, no code fence.\n{}",
            self.schema
        )
    }
}

fn output() -> String {
    "output".to_owned()
}
