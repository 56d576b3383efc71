//! How much the model thinks, and how long its answer may be: thinking counts toward `max_tokens`.

use graphbit_core::{Error, Result};
use serde::Serialize;

use super::DEFAULT_MAX_TOKENS;
use super::model::{Claude, Ways};
use crate::{ReasoningEffort, Settings};

/// The smallest budget that the vendor takes.
const LEAST: u32 = 1_024;
/// The most tokens of thinking for an effort: with the answer they fit the smallest maximum of any Claude model that thinks
/// by a budget, which is 32,000.
const MOST: u32 = 32_000 - DEFAULT_MAX_TOKENS;

#[derive(Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Thinking {
    Enabled {
        budget_tokens: u32,
    },
    Adaptive {
        #[serde(skip_serializing_if = "Option::is_none")]
        display: Option<&'static str>,
    },
    BetweenTools,
    Disabled,
}

/// The tokens that are left for thinking that nobody asked for.
const UNASKED: u32 = 12_288;

/// What the body says of it.
pub(super) struct Plan {
    pub(super) max_tokens: u32,
    pub(super) thinking: Option<Thinking>,
    pub(super) effort: Option<&'static str>,
}

impl Plan {
    /// Whether the model is asked to. Then it samples as it likes, and other settings are refused: a temperature but 1, less than
    /// 0.95 of the probability, a number of likeliest tokens ("Extended thinking").
    pub(super) fn thinks(&self) -> bool {
        !matches!(self.thinking, None | Some(Thinking::Disabled | Thinking::BetweenTools))
    }
}

/// Where both are set, the budget says how much is thought, as far as the model counts tokens of it. A model that does not is
/// left to decide, within the effort.
///
/// # Errors
/// `INVALID_INPUT` when `maxTokens` leaves no room for the thinking.
pub(super) fn plan(claude: &Claude, settings: &Settings) -> Result<Plan> {
    let ways = claude.ways();
    let (effort, budget) = match (settings.reasoning_effort, settings.reasoning_budget) {
        (None, None) => {
            let unasked = if claude.thinks_unasked() { UNASKED } else { 0 };
            return Ok(answer(settings, unasked, None, None));
        }
        (_, Some(0)) | (Some(ReasoningEffort::None), None) => return Ok(off(ways, settings)),
        asked => asked,
    };
    let effort = effort.filter(|effort| *effort != ReasoningEffort::None);
    let counted = match (ways, budget) {
        (Ways::Budget | Ways::Both, Some(budget)) => Some(fitting(budget, settings)?),
        (Ways::Budget, None) => effort.map(|effort| derived(effort, settings)).transpose()?,
        _ => None,
    };
    let tokens = counted.or(budget).or(effort.map(ReasoningEffort::tokens)).unwrap_or(0);
    let display = claude.hides_thinking().then_some("summarized");
    let adaptive = Thinking::Adaptive { display };
    let thinking = counted.map_or(adaptive, |budget_tokens| Thinking::Enabled { budget_tokens });
    Ok(answer(settings, tokens, Some(thinking), effort.and_then(|effort| word(ways, effort))))
}

fn answer(
    settings: &Settings,
    tokens: u32,
    thinking: Option<Thinking>,
    effort: Option<&'static str>,
) -> Plan {
    let max_tokens = settings.max_tokens.unwrap_or(DEFAULT_MAX_TOKENS.saturating_add(tokens));
    Plan { max_tokens, thinking, effort }
}

/// Said, because some models think unless they are told not to. One that always thinks is asked for little of it.
fn off(ways: Ways, settings: &Settings) -> Plan {
    match ways {
        Ways::Always => answer(settings, LEAST, None, word(ways, ReasoningEffort::Low)),
        Ways::BetweenTools => answer(settings, 0, Some(Thinking::BetweenTools), None),
        _ => answer(settings, 0, Some(Thinking::Disabled), None),
    }
}

/// A budget that the user set.
fn fitting(budget: u32, settings: &Settings) -> Result<u32> {
    match settings.max_tokens {
        Some(most) if most <= budget => Err(Error::invalid_input(format!(
            "maxTokens ({most}) must be greater than reasoningBudget ({budget}), which counts toward it: raise maxTokens or leave it out"
        ))),
        _ => Ok(budget),
    }
}

/// The budget for an effort, of which half of what may be written is left for the answer.
fn derived(effort: ReasoningEffort, settings: &Settings) -> Result<u32> {
    let tokens = effort.tokens().min(MOST);
    match settings.max_tokens {
        Some(most) if most <= LEAST => Err(Error::invalid_input(format!(
            "maxTokens ({most}) must be greater than {LEAST} for this model to think: raise it, leave it out, or set reasoningEffort to \"none\""
        ))),
        Some(most) => Ok(tokens.min(most / 2).max(LEAST)),
        None => Ok(tokens),
    }
}

/// The vendor's word for an effort, for models that have such words. The newest know `xhigh` and `max`, the first of them
/// `max` alone.
fn word(ways: Ways, effort: ReasoningEffort) -> Option<&'static str> {
    Some(match (ways, effort) {
        (Ways::Budget, _) | (_, ReasoningEffort::None) => return None,
        (_, ReasoningEffort::Minimal) => "low",
        (Ways::Both, ReasoningEffort::XHigh) => "max",
        (_, effort) => effort.as_str(),
    })
}
