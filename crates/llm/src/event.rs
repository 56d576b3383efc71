//! What a model answers, as it arrives: the events that every wire decodes to.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Signature;

/// One step of a reply. Parts open, grow and close in order; numbers start at 0 and never repeat.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// The vendor's name for the reply and the model that writes it; sent once, before any part.
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
        raw: String,
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

/// Tokens, as the vendor counted them; what it did not say is `None`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Usage {
    /// Tokens read.
    pub input: Option<u64>,
    /// Tokens written.
    pub output: Option<u64>,
    /// Of those read, how many came from the vendor's cache.
    pub cached: Option<u64>,
    /// Of those written, how many were thinking.
    pub reasoning: Option<u64>,
    /// The vendor's own object.
    pub raw: Value,
}

impl Usage {
    /// Adds what another call of the same kind used.
    pub(crate) fn add(&mut self, other: &Self) {
        let sum = |mine: &mut Option<u64>, theirs: Option<u64>| {
            if let Some(theirs) = theirs {
                *mine = Some(mine.unwrap_or(0).saturating_add(theirs));
            }
        };
        sum(&mut self.input, other.input);
        sum(&mut self.output, other.output);
        sum(&mut self.cached, other.cached);
        sum(&mut self.reasoning, other.reasoning);
    }
}
