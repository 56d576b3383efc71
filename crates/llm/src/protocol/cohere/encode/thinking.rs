//! How much to think.

use serde::Serialize;

use crate::{ReasoningEffort, Settings};

/// Whether to think, and how many tokens long.
#[derive(Serialize)]
pub(super) struct Thinking {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_budget: Option<u32>,
}

impl Thinking {
    pub(super) fn of(settings: &Settings) -> Option<Self> {
        let budget = settings.reasoning_budget;
        let tokens = match settings.reasoning_effort {
            _ if budget.is_some() => budget,
            Some(ReasoningEffort::Medium) => None, // the vendor's own
            effort => Some(effort?.tokens()),
        };
        Some(match tokens {
            Some(0) => Self { r#type: "disabled", token_budget: None },
            token_budget => Self { r#type: "enabled", token_budget },
        })
    }
}
