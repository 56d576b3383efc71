//! How much to think.

use serde::Serialize;

use super::model::Thinking;
use crate::{ReasoningEffort, Settings};

/// As a budget or as a level, never both.
#[derive(PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ThinkingConfig {
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    include_thoughts: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking_budget: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking_level: Option<&'static str>,
}

impl ThinkingConfig {
    /// Thoughts are shown where thinking is asked for. A budget goes as it is given also to models that have levels, which
    /// still take it; an effort becomes the nearest that the model has.
    pub(super) fn of(settings: &Settings, thinking: Thinking) -> Option<Self> {
        let of = |budget: u32| Self {
            include_thoughts: budget > 0,
            thinking_budget: Some(budget),
            thinking_level: None,
        };
        let include_thoughts = settings.reasoning_effort != Some(ReasoningEffort::None);
        match (thinking, settings.reasoning_effort, settings.reasoning_budget) {
            (Thinking::None, ..) | (_, None, None) => None,
            (Thinking::Levels(levels), Some(effort), _) => {
                let level = levels.iter().find(|level| **level >= effort).or(levels.last())?;
                Some(Self { include_thoughts, thinking_budget: None, thinking_level: Some(level.as_str()) })
            }
            (_, _, Some(budget)) => Some(of(budget)),
            (Thinking::Tokens { least, most }, Some(effort), None) => {
                Some(Self { include_thoughts, ..of(effort.tokens().clamp(least, most)) })
            }
        }
    }
}
