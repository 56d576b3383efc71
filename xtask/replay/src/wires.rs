//! Which protocol reads which dialect of the recordings. A dialect without a line is skipped: `cohere1` and `replicate`
//! are wires that no vendor of ours speaks any more.

use graphbit_llm::vendor::Wire;

const WIRES: &[(&str, Wire)] = &[
    ("chat", Wire::OpenAiChat),
    ("responses", Wire::OpenAiResponses),
    ("anthropic", Wire::AnthropicMessages),
    ("gemini", Wire::Gemini),
    ("converse", Wire::BedrockConverse),
    ("cohere2", Wire::Cohere),
    ("ollama", Wire::Ollama),
];

/// The wire of a dialect.
pub(crate) fn wire(dialect: &str) -> Option<Wire> {
    WIRES.iter().find(|(name, _)| *name == dialect).map(|(_, wire)| *wire)
}
