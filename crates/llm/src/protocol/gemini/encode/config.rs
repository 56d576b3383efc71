//! How to answer: sampling, thinking, and the form of the answer.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::protocol::gemini::model::Thinking;
use crate::{OutputSchema, ReasoningEffort, Settings};

#[derive(PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Config<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    max_output_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_k: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    presence_penalty: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frequency_penalty: Option<f64>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    stop_sequences: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<i64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    response_logprobs: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    logprobs: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking_config: Option<ThinkingConfig>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_mime_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_json_schema: Option<Described<'a>>,
}

impl<'a> Config<'a> {
    pub(super) fn of(settings: &'a Settings, thinking: Thinking, output: Option<&'a OutputSchema>) -> Self {
        Self {
            max_output_tokens: settings.max_tokens,
            temperature: settings.temperature,
            top_p: settings.top_p,
            top_k: settings.top_k,
            presence_penalty: settings.presence_penalty,
            frequency_penalty: settings.frequency_penalty,
            stop_sequences: &settings.stop,
            seed: settings.seed,
            response_logprobs: settings.logprobs.is_some(),
            logprobs: settings.logprobs.filter(|alternatives| *alternatives > 0),
            thinking_config: ThinkingConfig::of(settings, thinking),
            response_mime_type: output.map(|_| "application/json"),
            response_json_schema: output.map(Described),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// How much to think: as a budget or as a level, never both.
#[derive(PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct ThinkingConfig {
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
    fn of(settings: &Settings, thinking: Thinking) -> Option<Self> {
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

/// A schema, with the description that was given beside it unless it has its own.
#[derive(PartialEq)]
struct Described<'a>(&'a OutputSchema);

impl Serialize for Described<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let OutputSchema { schema, description, .. } = self.0;
        match schema {
            Value::Object(members) if !description.is_empty() && !members.contains_key("description") => {
                let mut map = serializer.serialize_map(Some(members.len() + 1))?;
                members.iter().try_for_each(|(name, value)| map.serialize_entry(name, value))?;
                map.serialize_entry("description", description)?;
                map.end()
            }
            schema => schema.serialize(serializer),
        }
    }
}
