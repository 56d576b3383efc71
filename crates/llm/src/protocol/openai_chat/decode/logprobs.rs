//! How likely the tokens were.

use serde_json::value::RawValue;

use crate::TokenLogprob;
use crate::protocol::openai_chat::wire::{Chance, Logprobs};

/// The tokens that have a probability.
pub(super) fn of(logprobs: &Logprobs<'_>) -> Vec<TokenLogprob> {
    logprobs.content.0.iter().filter_map(token).collect()
}

fn token(chance: &Chance<'_>) -> Option<TokenLogprob> {
    let top = chance.top_logprobs.0.iter();
    Some(TokenLogprob {
        token: chance.token.get()?.to_owned(),
        logprob: number(chance.logprob)?,
        top: top.filter_map(|one| Some((one.token.get()?.to_owned(), number(one.logprob)?))).collect(),
    })
}

fn number(raw: Option<&RawValue>) -> Option<f64> {
    raw?.get().parse().ok()
}
