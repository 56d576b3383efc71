//! What models take beyond what all do, by the names in their ids. The id of an application inference profile does not tell
//! its model: there, `extra` says these things.
//! Sources: Amazon Bedrock user guide, "Supported models and model features", "Prompt caching", "Get validated JSON results
//! from models", and the guides to Anthropic Claude, Amazon Nova and OpenAI models.

use serde_json::{Map, Value, json};

use super::output;
use crate::{OutputSchema, ReasoningEffort, Settings};

/// What a model takes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Model {
    thinking: Thinking,
    top_k: TopK,
    /// Whether it is held to a schema.
    pub(super) schema: bool,
    /// Whether its cache is asked with marks.
    pub(super) caches: bool,
    /// Whether a tool result may say that the tool failed.
    pub(super) status: bool,
}

/// How a model is told to think.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Thinking {
    /// Not.
    Untold,
    /// By a number of tokens; it then samples as it likes.
    Budget,
    /// By a word, and it thinks as it likes; it samples as it likes, too. Beside it is what turns it off, as far as that goes.
    Adaptive(Off),
    /// By Nova's word.
    Nova,
    /// By OpenAI's word.
    Word,
}

/// How thinking is turned off.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Off {
    Disabled,
    /// Only up to the first call of a tool.
    BetweenTools,
    /// Not at all: little of it is asked for.
    Low,
}

/// Where the number of likeliest tokens is said.
#[derive(Clone, Copy, Debug, PartialEq)]
enum TopK {
    Untold,
    Member,
    Nova,
}

const PLAIN: Model =
    Model { thinking: Thinking::Untold, top_k: TopK::Untold, schema: false, caches: false, status: false };
const CLAUDE_3: Model = Model { top_k: TopK::Member, status: true, ..PLAIN };
const CLAUDE_4: Model = Model { thinking: Thinking::Budget, caches: true, ..CLAUDE_3 };
const CLAUDE_4_5: Model = Model { schema: true, ..CLAUDE_4 };
const NOVA: Model = Model { top_k: TopK::Nova, caches: true, status: true, ..PLAIN };

/// What ids contain; the first that is found holds.
const MODELS: &[(&str, Model)] = &[
    ("claude-v2", Model { status: false, ..CLAUDE_3 }),
    ("claude-instant", Model { status: false, ..CLAUDE_3 }),
    ("claude-3-7", CLAUDE_4),
    ("claude-3-5-haiku", Model { caches: true, ..CLAUDE_3 }),
    ("claude-3", CLAUDE_3),
    ("claude-sonnet-4-2025", CLAUDE_4),
    ("claude-opus-4-2025", CLAUDE_4),
    ("claude-opus-4-1", CLAUDE_4),
    ("claude-haiku-4-5", CLAUDE_4_5),
    ("claude-sonnet-4-5", CLAUDE_4_5),
    ("claude-sonnet-4-6", CLAUDE_4_5),
    ("claude-opus-4-5", CLAUDE_4_5),
    ("claude-opus-4-6", CLAUDE_4_5),
    ("claude-opus-5-5", Model { thinking: Thinking::Adaptive(Off::Low), ..CLAUDE_4 }),
    ("claude-sonnet-5-5", Model { thinking: Thinking::Adaptive(Off::BetweenTools), ..CLAUDE_4 }),
    ("claude-fable", Model { thinking: Thinking::Adaptive(Off::Low), ..CLAUDE_4 }),
    ("claude-mythos", Model { thinking: Thinking::Adaptive(Off::Low), ..CLAUDE_4 }),
    ("anthropic.claude", Model { thinking: Thinking::Adaptive(Off::Disabled), ..CLAUDE_4 }),
    ("amazon.nova-2", Model { thinking: Thinking::Nova, ..NOVA }),
    ("amazon.nova", NOVA),
    ("openai.gpt-oss", Model { thinking: Thinking::Word, schema: true, ..PLAIN }),
    ("qwen.qwen3", Model { schema: true, ..PLAIN }),
];

/// What is said to one model only, and what it then does not want to hear.
#[derive(Debug)]
pub(super) struct Additional {
    pub(super) fields: Map<String, Value>,
    /// Whether temperature and top P are said.
    pub(super) sampled: bool,
    /// Whether the limit of tokens is said.
    pub(super) limited: bool,
}

impl Model {
    pub(super) fn of(id: &str) -> Self {
        MODELS.iter().find(|(mark, _)| id.contains(mark)).map_or(PLAIN, |(_, model)| *model)
    }

    /// Whether it is held to this schema by the vendor; else it is told in words.
    pub(super) fn takes(&self, output: &OutputSchema) -> bool {
        self.schema && output.strict.unwrap_or_else(|| output::is_supported(&output.schema))
    }

    /// Thinking and top K.
    pub(super) fn additional(&self, settings: &Settings) -> Additional {
        let mut said = Additional { fields: Map::new(), sampled: true, limited: true };
        self.think(settings, &mut said);
        match (self.top_k, settings.top_k.filter(|_| said.sampled)) {
            (TopK::Member, Some(number)) => _ = said.fields.insert("top_k".into(), number.into()),
            (TopK::Nova, Some(number)) => {
                said.fields.insert("inferenceConfig".into(), json!({ "topK": number }));
            }
            _ => {}
        }
        said
    }

    fn think(&self, settings: &Settings, said: &mut Additional) {
        use ReasoningEffort::{None as Not, XHigh};
        let effort = settings.reasoning_effort.or(settings.reasoning_budget.map(ReasoningEffort::of_tokens));
        let mut say = |name: &str, value: Value| _ = said.fields.insert(name.to_owned(), value);
        match (self.thinking, effort) {
            (Thinking::Budget, Some(effort)) => {
                let tokens = settings.reasoning_budget.unwrap_or(effort.tokens());
                if let Some(tokens) = budget(tokens, settings.max_tokens) {
                    say("thinking", json!({ "type": "enabled", "budget_tokens": tokens }));
                    said.sampled = false;
                }
            }
            (Thinking::Adaptive(off), effort) => {
                match (effort, off) {
                    (None, _) => {}
                    (Some(Not), Off::Disabled) => say("thinking", json!({ "type": "disabled" })),
                    (Some(Not), Off::BetweenTools) => say("thinking", json!({ "type": "between_tools" })),
                    (Some(Not), Off::Low) => say("output_config", json!({ "effort": "low" })),
                    (Some(effort), _) => {
                        // Without the second member its text is left out.
                        say("thinking", json!({ "type": "adaptive", "display": "summarized" }));
                        let word = if effort == XHigh { "xhigh" } else { effort.low_medium_high() };
                        say("output_config", json!({ "effort": word }));
                    }
                }
                said.sampled = false;
            }
            (Thinking::Nova, Some(effort)) if effort != Not => {
                say(
                    "reasoningConfig",
                    json!({ "type": "enabled", "maxReasoningEffort": effort.low_medium_high() }),
                );
                // The guide: with the highest effort, neither sampling nor a limit may be set.
                said.sampled = effort.low_medium_high() != "high";
                said.limited = said.sampled;
            }
            (Thinking::Word, Some(effort)) => say("reasoning_effort", effort.low_medium_high().into()),
            _ => {}
        }
    }
}

/// The tokens of thinking, which must be at least 1024 and fewer than the limit of the whole answer.
fn budget(tokens: u32, limit: Option<u32>) -> Option<u32> {
    const LEAST: u32 = 1024;
    let most = limit.map_or(u32::MAX, |limit| limit.saturating_sub(1));
    (tokens > 0 && most >= LEAST).then(|| tokens.clamp(LEAST, most))
}
