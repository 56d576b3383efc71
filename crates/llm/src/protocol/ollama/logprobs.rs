//! How likely the tokens of a reply were.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::TokenLogprob;

#[derive(Deserialize)]
struct Token<'a> {
    #[serde(borrow)]
    token: Cow<'a, str>,
    logprob: f64,
    #[serde(borrow, default)]
    top_logprobs: Option<Vec<Likely<'a>>>,
}

#[derive(Deserialize)]
struct Likely<'a> {
    #[serde(borrow)]
    token: Cow<'a, str>,
    logprob: f64,
}

/// A list of another form is none.
pub(super) fn read(raw: Option<&RawValue>) -> Vec<TokenLogprob> {
    let tokens: Option<Vec<Token<'_>>> = raw.and_then(|raw| serde_json::from_str(raw.get()).ok());
    let read = |token: Token<'_>| {
        let top = token.top_logprobs.into_iter().flatten();
        TokenLogprob {
            token: token.token.into_owned(),
            logprob: token.logprob,
            top: top.map(|likely| (likely.token.into_owned(), likely.logprob)).collect(),
        }
    };
    tokens.into_iter().flatten().map(read).collect()
}
