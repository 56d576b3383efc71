//! What a model takes and what it does not, told by its name: the few differences that Google's documentation names or that
//! recorded requests show. A model that is not in the table is taken for the newest.
//!
//! Sources: the guides "Thinking" (budgets of Gemini 2.5, levels of Gemini 3), "Thought signatures", "Structured outputs" and
//! "Function calling" of the Gemini API and of Vertex AI.

use crate::ReasoningEffort::{self, High, Low, Medium, Minimal};

/// What is particular to a model.
#[derive(Clone, Copy, Debug)]
pub(super) struct Traits {
    pub(super) thinking: Thinking,
    /// Whether the answer may have a schema while there are tools; else that is an error.
    pub(super) schema_with_tools: bool,
    /// Whether a tool's result may hold images and files.
    pub(super) media_in_results: bool,
    /// Whether each step of the conversation that calls tools must have a signature on its first call; else that is an error.
    pub(super) signed_calls: bool,
}

/// How it is said how much to think.
#[derive(Clone, Copy, Debug)]
pub(super) enum Thinking {
    /// Not at all.
    None,
    /// In tokens, from the fewest to the most.
    Tokens { least: u32, most: u32 },
    /// By one of these words, in order.
    Levels(&'static [ReasoningEffort]),
}

const SECOND: Traits = Traits {
    thinking: Thinking::Tokens { least: 0, most: 24_576 },
    schema_with_tools: false,
    media_in_results: false,
    signed_calls: false,
};

const THIRD: Traits = Traits {
    thinking: Thinking::Levels(&[Low, Medium, High]),
    schema_with_tools: true,
    media_in_results: true,
    signed_calls: true,
};

const FLASH: Traits = Traits { thinking: Thinking::Levels(&[Minimal, Low, Medium, High]), ..THIRD };

/// By how a name begins; the first that fits holds.
const MODELS: &[(&str, Traits)] = &[
    ("gemini-1", Traits { thinking: Thinking::None, ..SECOND }),
    ("gemini-2.0", Traits { thinking: Thinking::None, ..SECOND }),
    ("gemini-2.5-pro", Traits { thinking: Thinking::Tokens { least: 128, most: 32_768 }, ..SECOND }),
    ("gemini-2", SECOND),
    ("gemini-3-pro", Traits { thinking: Thinking::Levels(&[Low, High]), ..THIRD }),
    ("gemini-3-flash", FLASH),
    ("gemini-3.1-flash", FLASH),
    ("gemini-3.5-flash", FLASH),
    ("gemini-3.6-flash", FLASH),
    ("gemini-3.7-flash", FLASH),
    ("gemini-3.8-flash", FLASH),
    ("gemini-", THIRD),
];

/// The traits of a model, whose name may be that of a resource, as in `models/gemini-2.5-pro`. What is no Gemini was tuned from
/// one, and tuning begins with the second generation.
pub(super) fn traits(model: &str) -> Traits {
    let name = model.rsplit('/').next().unwrap_or(model);
    MODELS.iter().find(|(prefix, _)| name.starts_with(prefix)).map_or(SECOND, |(_, traits)| *traits)
}
