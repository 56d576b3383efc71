//! How likely tokens were, in the form that most wires share:
//! `[{"token", "logprob", "top_logprobs": [{"token", "logprob"}]}]`.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::lenient::{List, Text, present};
use crate::TokenLogprob;

/// No model writes more in one reply.
const MOST_TOKENS: usize = 1 << 18;
/// We ask for 20 at most.
const MOST_ALTERNATIVES: usize = 64;

#[derive(Deserialize)]
struct Likely<'a> {
    #[serde(borrow, default)]
    token: Text<'a>,
    #[serde(borrow, default)]
    logprob: Option<&'a RawValue>,
    #[serde(borrow, default)]
    top_logprobs: List<Likely<'a>, MOST_ALTERNATIVES>,
}

impl Likely<'_> {
    fn read(&self) -> Option<(String, f64)> {
        Some((self.token.get()?.to_owned(), self.logprob?.get().parse().ok()?))
    }
}

/// The tokens that have a probability. What is not of this form is none: the answer is whole without it.
pub(crate) fn read(raw: Option<&RawValue>) -> Vec<TokenLogprob> {
    let Some(raw) = present(raw) else { return Vec::new() };
    let List(tokens) = serde_json::from_str::<List<Likely<'_>, MOST_TOKENS>>(raw).unwrap_or_default();
    let read = |likely: Likely<'_>| {
        let (token, logprob) = likely.read()?;
        Some(TokenLogprob {
            token,
            logprob,
            top: likely.top_logprobs.0.iter().filter_map(Likely::read).collect(),
        })
    };
    tokens.into_iter().filter_map(read).collect()
}
