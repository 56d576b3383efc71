//! Whether to think, or how much.

use serde::Serialize;

use crate::{ReasoningEffort, Settings};

/// A switch, or a level.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Think {
    Whether(bool),
    Level(&'static str),
}

impl Think {
    /// Only gpt-oss has levels, and it cannot but think.
    pub(super) fn of(model: &str, settings: &Settings) -> Option<Self> {
        let budget = settings.reasoning_budget.map(ReasoningEffort::of_tokens);
        let effort = settings.reasoning_effort.or(budget)?;
        Some(if model.contains("gpt-oss") {
            Self::Level(effort.low_medium_high())
        } else {
            Self::Whether(effort != ReasoningEffort::None)
        })
    }
}
