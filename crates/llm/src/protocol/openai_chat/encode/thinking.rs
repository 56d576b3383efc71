//! How much the model should think, in the server's own words.

use serde::Serialize;

use crate::vendor::ThinkingMember;
use crate::{ReasoningEffort, Settings};

/// The members of it; at most two are there.
#[derive(Default, Serialize)]
pub(super) struct Thinking {
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_effort: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<Switch>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning: Option<Reasoning>,
    #[serde(skip_serializing_if = "Option::is_none")]
    enable_thinking: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking_budget: Option<u32>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Switch {
    Enabled,
    Disabled,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Reasoning {
    Effort(&'static str),
    MaxTokens(u32),
}

impl Thinking {
    /// What is set, as far as there is a word for it: a budget only where tokens of thinking are counted.
    pub(super) fn new(member: ThinkingMember, settings: &Settings) -> Self {
        let (effort, budget) = (settings.reasoning_effort, settings.reasoning_budget);
        let mut said = Self::default();
        let thinks = |effort: ReasoningEffort| effort != ReasoningEffort::None;
        let switch = effort.map(|effort| if thinks(effort) { Switch::Enabled } else { Switch::Disabled });
        match member {
            ThinkingMember::Effort => said.reasoning_effort = effort.map(ReasoningEffort::as_str),
            ThinkingMember::NoneOrHigh => {
                said.reasoning_effort = effort.map(|effort| if thinks(effort) { "high" } else { "none" });
            }
            ThinkingMember::Switch => said.thinking = switch,
            ThinkingMember::SwitchAndEffort => {
                said.thinking = switch;
                let effort = effort.filter(|effort| thinks(*effort));
                said.reasoning_effort = effort.map(|effort| effort.max(ReasoningEffort::Low).as_str());
            }
            ThinkingMember::Budget => {
                let thinks = effort.map(thinks).or(budget.map(|budget| budget > 0));
                said.enable_thinking = thinks;
                said.thinking_budget =
                    budget.or(effort.map(ReasoningEffort::tokens)).filter(|_| thinks == Some(true));
            }
            // The two exclude each other; the budget says more.
            ThinkingMember::Object => {
                said.reasoning = budget
                    .map(Reasoning::MaxTokens)
                    .or(effort.map(|effort| Reasoning::Effort(effort.as_str())));
            }
            ThinkingMember::None => {}
        }
        said
    }
}
