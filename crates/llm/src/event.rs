//! What a model answers, as it arrives: the events that every wire decodes to.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::{RawJson, Signature};

/// One step of a reply. Parts open, grow and close in order; numbers start at 0 and never repeat.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// The vendor's name for the reply and the model that writes it; sent at most once, and before any part unless the
    /// vendor names them late.
    Started {
        /// The vendor's id of the reply.
        id: Option<String>,
        /// The model that answers, as the vendor names it.
        model: Option<String>,
    },
    /// A part opens.
    PartStarted {
        /// Its number.
        part: u32,
        /// What it holds.
        kind: PartKind,
    },
    /// A part grows. Tool arguments are fragments of JSON text until the part is finished.
    Delta {
        /// Which part.
        part: u32,
        /// What is added, never empty.
        text: String,
    },
    /// The vendor's mark on a part, to be sent back with it.
    Signature {
        /// Which part.
        part: u32,
        /// The mark.
        signature: Signature,
    },
    /// How likely the tokens of the answer were, where that was asked for.
    Logprobs(Vec<TokenLogprob>),
    /// A part is complete.
    PartFinished {
        /// Which part.
        part: u32,
    },
    /// The vendor's count of tokens; the last one holds.
    Usage(Usage),
    /// The model has ended its turn; the last event of a reply.
    Finished {
        /// Why, in one vocabulary.
        reason: FinishReason,
        /// Why, as the vendor says it.
        raw: Cow<'static, str>,
    },
    /// A frame that the decoder does not know, as it came.
    Unknown(String),
}

/// What a part holds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PartKind {
    /// The answer.
    Text,
    /// The model's thinking, where the vendor shows it.
    Reasoning,
    /// The model declines, in its own words.
    Refusal,
    /// A call of a tool; its deltas are the arguments as JSON text.
    ToolCall {
        /// The vendor's id, to answer with.
        id: Option<String>,
        /// The tool.
        name: String,
        /// The vendor has called the tool itself, or is about to: nobody is to answer.
        provider_executed: bool,
    },
}

/// How likely a token was.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TokenLogprob {
    /// The token's text; half a character where a token is one.
    pub token: String,
    /// The natural logarithm of its probability.
    pub logprob: f64,
    /// The likeliest tokens in its place, with theirs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub top: Vec<(String, f64)>,
}

/// Why a model ended its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FinishReason {
    /// It had said all.
    Stop,
    /// The limit of tokens was reached.
    Length,
    /// It wants tools to be called.
    ToolCalls,
    /// A filter withheld the rest.
    ContentFilter,
    /// Something only this vendor says; see the raw word.
    Other,
}

impl FinishReason {
    /// The word in the unified vocabulary.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Length => "length",
            Self::ToolCalls => "tool_calls",
            Self::ContentFilter => "content_filter",
            Self::Other => "other",
        }
    }
}

/// Tokens, as the vendor counted them, in one vocabulary: a part is always counted in its whole as well, whatever the vendor's
/// own numbers include. What it did not say is `None`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Usage {
    /// All tokens read, from the vendor's cache or not.
    pub input: Option<u64>,
    /// All tokens written, thinking among them.
    pub output: Option<u64>,
    /// Of those read, how many came from the vendor's cache.
    pub cached: Option<u64>,
    /// Of those read, how many went into the vendor's cache.
    #[serde(default)]
    pub cache_write: Option<u64>,
    /// Of those written, how many were thinking.
    pub reasoning: Option<u64>,
    /// What they cost, in the currency of the configuration's [prices](crate::Config::pricing); `None` without a price. What
    /// came from a [`Cache`](crate::layer::Cache) cost nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<f64>,
    /// The vendor's own object.
    pub raw: RawJson,
    /// The vendor's own numbers, where its wholes leave out some parts.
    #[serde(skip)]
    vendor: Option<Wholes>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Wholes {
    input: Option<u64>,
    output: Option<u64>,
}

impl Usage {
    /// The vendor's numbers of tokens read and written.
    pub fn new(input: Option<u64>, output: Option<u64>) -> Self {
        Self { input, output, ..Self::default() }
    }

    /// With the vendor's own object.
    #[must_use]
    pub fn with_raw(mut self, raw: impl Into<RawJson>) -> Self {
        self.raw = raw.into();
        self
    }

    /// Adds tokens that were read and that the vendor's own number leaves out.
    #[must_use]
    pub fn also_read(mut self, tokens: Option<u64>) -> Self {
        self.keep_vendor();
        self.input = sum(self.input, tokens);
        self
    }

    /// Adds tokens that were written and that the vendor's own number leaves out.
    #[must_use]
    pub fn also_written(mut self, tokens: Option<u64>) -> Self {
        self.keep_vendor();
        self.output = sum(self.output, tokens);
        self
    }

    /// The vendor's own number of tokens read, which may leave out those of its cache. It does not outlive serialisation.
    pub fn vendor_input(&self) -> Option<u64> {
        self.vendor.map_or(self.input, |vendor| vendor.input)
    }

    /// The vendor's own number of tokens written, which may leave out thinking. It does not outlive serialisation.
    pub fn vendor_output(&self) -> Option<u64> {
        self.vendor.map_or(self.output, |vendor| vendor.output)
    }

    /// Adds what the next of several calls used; the vendor's own objects become a list.
    pub fn add(&mut self, next: &Self) {
        self.add_counts(next);
        self.raw.append(&next.raw);
    }

    /// What two calls used together, as far as either says.
    pub(crate) fn together(first: Option<Self>, next: Option<Self>) -> Option<Self> {
        match (first, next) {
            (Some(mut usage), Some(next)) => {
                usage.add(&next);
                Some(usage)
            }
            (first, next) => first.or(next),
        }
    }

    /// As [`add`](Self::add), without the vendor's own object.
    pub fn add_counts(&mut self, next: &Self) {
        if self.vendor.is_some() || next.vendor.is_some() {
            self.vendor = Some(Wholes {
                input: sum(self.vendor_input(), next.vendor_input()),
                output: sum(self.vendor_output(), next.vendor_output()),
            });
        }
        self.input = sum(self.input, next.input);
        self.output = sum(self.output, next.output);
        self.cached = sum(self.cached, next.cached);
        self.cache_write = sum(self.cache_write, next.cache_write);
        self.reasoning = sum(self.reasoning, next.reasoning);
        self.cost = match (self.cost, next.cost) {
            (Some(cost), Some(next)) => Some(cost + next),
            (cost, next) => cost.or(next),
        };
    }

    fn keep_vendor(&mut self) {
        self.vendor.get_or_insert(Wholes { input: self.input, output: self.output });
    }
}

/// A part that is not there changes nothing: what was not said stays so.
fn sum(whole: Option<u64>, part: Option<u64>) -> Option<u64> {
    match part {
        None | Some(0) => whole,
        Some(part) => Some(whole.unwrap_or(0).saturating_add(part)),
    }
}

#[cfg(test)]
mod tests;
