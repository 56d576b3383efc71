//! What a model is asked: messages and settings, in nobody's wire format.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One call to a model.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Request {
    /// The conversation, oldest first.
    pub messages: Vec<Message>,
    /// What the caller sets; what is not set is left to the vendor.
    pub settings: Settings,
    /// Another model of the same vendor than the configured one.
    pub model: Option<String>,
    /// Whether the reply should arrive piece by piece. Unset, the wire delivers it whole, which costs less.
    pub streamed: bool,
    /// Members merged into the body as they are, over everything else: the way to a vendor's own options.
    pub extra: Map<String, Value>,
}

impl Request {
    /// A request with one user message.
    pub fn prompt(text: impl Into<String>) -> Self {
        Self::new(vec![Message::user(text)])
    }

    /// A request with a whole conversation.
    pub fn new(messages: Vec<Message>) -> Self {
        Self { messages, ..Self::default() }
    }

    /// Puts a system message first.
    #[must_use]
    pub fn system(mut self, text: impl Into<String>) -> Self {
        self.messages.insert(0, Message::system(text));
        self
    }

    /// Replaces the settings.
    #[must_use]
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// Asks for the reply piece by piece.
    #[must_use]
    pub fn streamed(mut self) -> Self {
        self.streamed = true;
        self
    }
}

/// How the model should answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Settings {
    /// The most tokens to write.
    pub max_tokens: Option<u32>,
    /// 0 picks the likeliest token, 2 is the wildest.
    pub temperature: Option<f64>,
    /// Nucleus sampling: the share of probability to choose from.
    pub top_p: Option<f64>,
    /// Texts that end the reply.
    pub stop: Vec<String>,
    /// Makes sampling repeatable where the vendor can.
    pub seed: Option<i64>,
}

impl Settings {
    /// These settings, with `fallback` filling what is not set here.
    #[must_use]
    pub fn or(mut self, fallback: &Self) -> Self {
        self.max_tokens = self.max_tokens.or(fallback.max_tokens);
        self.temperature = self.temperature.or(fallback.temperature);
        self.top_p = self.top_p.or(fallback.top_p);
        self.seed = self.seed.or(fallback.seed);
        if self.stop.is_empty() {
            self.stop.clone_from(&fallback.stop);
        }
        self
    }

    /// Checks the ranges that every vendor shares.
    ///
    /// # Errors
    /// `INVALID_INPUT` that names the setting and its range.
    pub fn check(&self) -> graphbit_core::Result<()> {
        let range = |name: &str, value: Option<f64>, high: f64| match value {
            Some(value) if !(0.0..=high).contains(&value) => Err(graphbit_core::Error::invalid_input(
                format!("{name} must be between 0.0 and {high:.1}, not {value}"),
            )),
            _ => Ok(()),
        };
        if self.max_tokens == Some(0) {
            return Err(graphbit_core::Error::invalid_input("max_tokens must be greater than 0"));
        }
        range("temperature", self.temperature, 2.0)?;
        range("top_p", self.top_p, 1.0)
    }
}

/// One turn of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub content: String,
}

impl Message {
    /// Instructions to the model.
    pub fn system(text: impl Into<String>) -> Self {
        Self { role: Role::System, content: text.into() }
    }

    /// What the user says.
    pub fn user(text: impl Into<String>) -> Self {
        Self { role: Role::User, content: text.into() }
    }

    /// What the model said before.
    pub fn assistant(text: impl Into<String>) -> Self {
        Self { role: Role::Assistant, content: text.into() }
    }
}

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Role {
    /// Instructions to the model.
    System,
    /// The user.
    User,
    /// The model.
    Assistant,
}
