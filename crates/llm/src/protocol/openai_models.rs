//! What the names of OpenAI's models tell, for both of its wires.
//! Source: OpenAI's model pages and its guide "Reasoning models".

use crate::ReasoningEffort;

/// Whether a name is of a family that reasons: the o-series, and GPT from the fifth on. Azure's `gpt-35` is 3.5.
pub(crate) fn is_reasoning_family(name: &str) -> bool {
    let number = |rest: &str| -> Option<u32> {
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        rest.get(..end)?.parse().ok()
    };
    name.strip_prefix('o').and_then(number).is_some()
        || name.strip_prefix("gpt-").and_then(number).is_some_and(|generation| (5..35).contains(&generation))
}

/// Whether a model may be told how to sample, by its name without a vendor's. One that reasons takes nothing but the defaults,
/// unless it is told not to reason; those named `chat` do not.
pub(crate) fn samples(name: &str, effort: Option<ReasoningEffort>) -> bool {
    !is_reasoning_family(name) || name.contains("-chat") || effort == Some(ReasoningEffort::None)
}

#[cfg(test)]
mod tests;
