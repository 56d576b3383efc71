//! How likely the tokens of a reply were: the vendor says the text of several tokens at once, with a number for each.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::TokenLogprob;

#[derive(Deserialize)]
struct Tokens<'a> {
    #[serde(borrow, default)]
    text: Option<Cow<'a, str>>,
    #[serde(default)]
    logprobs: Option<Vec<f64>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany<'a> {
    Many(#[serde(borrow)] Vec<Tokens<'a>>),
    One(#[serde(borrow)] Tokens<'a>),
}

/// The text of several tokens is that of their first one. A value of another form is none.
pub(super) fn read(raw: Option<&RawValue>) -> Vec<TokenLogprob> {
    let found: Option<OneOrMany<'_>> = raw.and_then(|raw| serde_json::from_str(raw.get()).ok());
    let found = match found {
        Some(OneOrMany::Many(many)) => many,
        Some(OneOrMany::One(one)) => vec![one],
        None => Vec::new(),
    };
    let mut read = Vec::new();
    for tokens in found {
        let mut text = tokens.text.map(Cow::into_owned).unwrap_or_default();
        for logprob in tokens.logprobs.into_iter().flatten() {
            read.push(TokenLogprob { token: std::mem::take(&mut text), logprob, top: Vec::new() });
        }
    }
    read
}
