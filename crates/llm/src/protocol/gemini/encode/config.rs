//! How to answer: sampling, thinking, and the form of the answer.

use serde::Serialize;

use super::model::Thinking;
use super::output::Described;
use super::thinking::ThinkingConfig;
use crate::{OutputSchema, Settings};

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
