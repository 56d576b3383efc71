//! The JSON of replies, borrowed from the body. Everything may be absent, null or of another type than documented.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::protocol::MOST_CALLS;
use crate::protocol::lenient::{First, Flag, Indexed, List, Number, Object, Text, Word};

/// The most parts of one turn; every tool call is one.
const MOST_PARTS: usize = 8 * MOST_CALLS;
/// The most tokens of one reply that have probabilities: twice what any model writes.
const MOST_TOKENS: usize = 1 << 17;

/// A reply, or one chunk of a streamed one.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reply<'a> {
    #[serde(borrow, default)]
    pub(super) response_id: Word<'a>,
    #[serde(borrow, default)]
    pub(super) model_version: Text<'a>,
    #[serde(borrow, default)]
    pub(super) candidates: First<Candidate<'a>>,
    #[serde(borrow, default)]
    pub(super) prompt_feedback: Object<Feedback<'a>>,
    #[serde(borrow, default)]
    pub(super) usage_metadata: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) error: Option<&'a RawValue>,
}

impl Reply<'_> {
    /// Whether there is anything in it that a reply has.
    pub(super) fn is_known(&self) -> bool {
        self.candidates.count.is_some()
            || self.prompt_feedback.0.is_some()
            || self.usage_metadata.or(self.error).is_some()
            || self.response_id.get().is_some()
            || self.model_version.get().is_some()
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Candidate<'a> {
    #[serde(default)]
    index: Number,
    #[serde(borrow, default)]
    pub(super) content: Object<Content<'a>>,
    #[serde(borrow, default)]
    pub(super) finish_reason: Word<'a>,
    #[serde(borrow, default)]
    pub(super) logprobs_result: Object<Logprobs<'a>>,
}

impl Indexed for Candidate<'_> {
    fn index(&self) -> Number {
        self.index
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Content<'a> {
    #[serde(borrow, default)]
    pub(super) parts: List<Part<'a>, MOST_PARTS>,
}

/// Why a prompt was not answered.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Feedback<'a> {
    /// A number where `$alt=json;enum-encoding=int` was asked for, as is a candidate's reason.
    #[serde(borrow, default)]
    pub(super) block_reason: Word<'a>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Part<'a> {
    #[serde(borrow, default)]
    pub(super) text: Text<'a>,
    #[serde(default)]
    pub(super) thought: Flag,
    #[serde(borrow, default)]
    pub(super) function_call: Object<FunctionCall<'a>>,
    #[serde(borrow, default)]
    pub(super) thought_signature: Text<'a>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FunctionCall<'a> {
    #[serde(borrow, default)]
    pub(super) id: Text<'a>,
    #[serde(borrow, default)]
    pub(super) name: Text<'a>,
    /// The arguments as an object.
    #[serde(borrow, default)]
    pub(super) args: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) partial_args: List<PartialArg<'a>, MOST_PARTS>,
    /// More of the arguments follows in another part.
    #[serde(default)]
    pub(super) will_continue: Flag,
}

/// A piece of one argument; one of the values is there, or none for `null`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PartialArg<'a> {
    #[serde(borrow, default)]
    pub(super) json_path: Text<'a>,
    #[serde(borrow, default)]
    pub(super) string_value: Text<'a>,
    #[serde(borrow, default)]
    pub(super) number_value: Option<&'a RawValue>,
    #[serde(default)]
    pub(super) bool_value: Flag,
}

/// How likely the tokens were: those that were chosen, and the likeliest at each place.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Logprobs<'a> {
    #[serde(borrow, default)]
    pub(super) chosen_candidates: List<Likely<'a>, MOST_TOKENS>,
    #[serde(borrow, default)]
    pub(super) top_candidates: List<Likeliest<'a>, MOST_TOKENS>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Likeliest<'a> {
    #[serde(borrow, default)]
    pub(super) candidates: List<Likely<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Likely<'a> {
    #[serde(borrow, default)]
    pub(super) token: Text<'a>,
    #[serde(borrow, default)]
    pub(super) log_probability: Option<&'a RawValue>,
}
