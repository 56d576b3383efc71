//! How a model should answer.

use graphbit_core::{Error, Result};
use serde::{Deserialize, Serialize};

/// How the model should answer. What a wire has no word for is left out: settings shape an answer, they do not decide
/// whether there is one.
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
    /// Sampling among so many of the likeliest tokens.
    pub top_k: Option<u32>,
    /// From -2 to 2: how much tokens that have come up before are avoided.
    pub presence_penalty: Option<f64>,
    /// From -2 to 2: how much tokens are avoided that have come up often.
    pub frequency_penalty: Option<f64>,
    /// Asks for the probability of each token, and of so many alternatives to it (0 to 20).
    pub logprobs: Option<u8>,
    /// How much the model should think before it answers.
    pub reasoning_effort: Option<ReasoningEffort>,
    /// The most tokens of thinking, where the vendor counts them.
    pub reasoning_budget: Option<u32>,
    /// Requests that begin alike and share this key find each other's cached prompts, where the vendor has such a key.
    pub cache_key: Option<String>,
    /// Texts that end the reply.
    pub stop: Vec<String>,
    /// Makes sampling repeatable where the vendor can.
    pub seed: Option<i64>,
}

impl Settings {
    /// The names of all settings, as in JSON.
    pub const NAMES: [&str; 12] = [
        "maxTokens",
        "temperature",
        "topP",
        "topK",
        "presencePenalty",
        "frequencyPenalty",
        "logprobs",
        "reasoningEffort",
        "reasoningBudget",
        "cacheKey",
        "stop",
        "seed",
    ];

    /// These settings, with `fallback` filling what is not set here.
    #[must_use]
    pub fn or(mut self, fallback: &Self) -> Self {
        self.max_tokens = self.max_tokens.or(fallback.max_tokens);
        self.temperature = self.temperature.or(fallback.temperature);
        self.top_p = self.top_p.or(fallback.top_p);
        self.top_k = self.top_k.or(fallback.top_k);
        self.presence_penalty = self.presence_penalty.or(fallback.presence_penalty);
        self.frequency_penalty = self.frequency_penalty.or(fallback.frequency_penalty);
        self.logprobs = self.logprobs.or(fallback.logprobs);
        self.reasoning_effort = self.reasoning_effort.or(fallback.reasoning_effort);
        self.reasoning_budget = self.reasoning_budget.or(fallback.reasoning_budget);
        self.seed = self.seed.or(fallback.seed);
        if self.cache_key.is_none() {
            self.cache_key.clone_from(&fallback.cache_key);
        }
        if self.stop.is_empty() {
            self.stop.clone_from(&fallback.stop);
        }
        self
    }

    /// Checks the ranges that every vendor shares.
    ///
    /// # Errors
    /// `INVALID_INPUT` that names the setting and its range.
    pub fn check(&self) -> Result<()> {
        let range = |name: &str, value: Option<f64>, low: f64, high: f64| match value {
            Some(value) if !(low..=high).contains(&value) => Err(Error::invalid_input(format!(
                "{name} must be between {low:.1} and {high:.1}, not {value}"
            ))),
            _ => Ok(()),
        };
        if self.max_tokens == Some(0) {
            return Err(Error::invalid_input("max_tokens must be greater than 0"));
        }
        if let Some(most @ 21..) = self.logprobs {
            return Err(Error::invalid_input(format!("logprobs must be between 0 and 20, not {most}")));
        }
        range("temperature", self.temperature, 0.0, 2.0)?;
        range("top_p", self.top_p, 0.0, 1.0)?;
        range("presence_penalty", self.presence_penalty, -2.0, 2.0)?;
        range("frequency_penalty", self.frequency_penalty, -2.0, 2.0)
    }
}

/// How much a model should think before it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ReasoningEffort {
    /// Not at all.
    None,
    /// As little as can be.
    Minimal,
    /// A little.
    Low,
    /// As the vendor thinks best.
    Medium,
    /// Much.
    High,
    /// As much as can be.
    XHigh,
}

impl ReasoningEffort {
    /// The word that most wires have for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Minimal => "minimal",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::XHigh => "xhigh",
        }
    }

    /// The tokens of thinking for a wire that counts them instead.
    pub(crate) const fn tokens(self) -> u32 {
        match self {
            Self::None => 0,
            Self::Minimal => 1_024,
            Self::Low => 2_048,
            Self::Medium => 8_192,
            Self::High => 16_384,
            Self::XHigh => 32_768,
        }
    }

    /// The effort nearest to a number of tokens of thinking.
    pub(crate) fn of_tokens(tokens: u32) -> Self {
        match tokens {
            0 => Self::None,
            _ if tokens <= Self::Low.tokens() => Self::Low,
            _ if tokens <= Self::Medium.tokens() => Self::Medium,
            _ => Self::High,
        }
    }

    /// The word for a model that knows these three.
    pub(crate) const fn low_medium_high(self) -> &'static str {
        match self {
            Self::None | Self::Minimal | Self::Low => "low",
            Self::Medium => "medium",
            Self::High | Self::XHigh => "high",
        }
    }
}
