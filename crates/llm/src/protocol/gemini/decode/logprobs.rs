//! How likely the tokens of a reply were.

use crate::TokenLogprob;
use crate::protocol::gemini::wire::{Likely, Logprobs};

/// A token without a number is left out.
pub(super) fn logprobs(found: &Logprobs<'_>) -> Vec<TokenLogprob> {
    let number = |likely: &Likely<'_>| -> Option<f64> {
        likely.log_probability?.get().parse().ok().filter(|number: &f64| number.is_finite())
    };
    let token = |likely: &Likely<'_>| likely.token.as_str().to_owned();
    let mut tops = found.top_candidates.0.iter().map(|top| &top.candidates.0);
    let tokens = found.chosen_candidates.0.iter().map(|chosen| {
        let top = tops.next().into_iter().flatten();
        let top = top.filter_map(|likely| Some((token(likely), number(likely)?))).collect();
        Some(TokenLogprob { token: token(chosen), logprob: number(chosen)?, top })
    });
    tokens.flatten().collect()
}
