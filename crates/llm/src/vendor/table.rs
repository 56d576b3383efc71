//! The rows. A vendor that speaks chat completions is one `chat(…)` line.

use super::{MaxTokensMember, Quirks, Vendor, Wire};

const PLAIN: Quirks = Quirks { max_tokens: MaxTokensMember::MaxTokens, stream_usage: true };

/// A vendor that speaks OpenAI chat completions with a bearer key.
const fn chat(
    name: &'static str,
    base_url: &'static str,
    default_model: &'static str,
    key_variables: &'static [&'static str],
) -> Vendor {
    Vendor {
        name,
        wire: Wire::OpenAiChat,
        base_url,
        default_model,
        key_variables,
        url_variables: &[],
        url_path: "",
        quirks: PLAIN,
    }
}

/// Every vendor, by name. Base URLs and variables are those of the vendors' public documentation.
pub static VENDORS: &[Vendor] = &[
    Vendor {
        url_variables: &["OPENAI_BASE_URL"],
        quirks: Quirks { max_tokens: MaxTokensMember::ByModel, stream_usage: true },
        ..chat("openai", "https://api.openai.com/v1", "gpt-4.1-mini", &["OPENAI_API_KEY"])
    },
    chat("cerebras", "https://api.cerebras.ai/v1", "gpt-oss-120b", &["CEREBRAS_API_KEY"]),
    chat("deepseek", "https://api.deepseek.com", "deepseek-chat", &["DEEPSEEK_API_KEY"]),
    chat("fireworks", "https://api.fireworks.ai/inference/v1", "", &["FIREWORKS_API_KEY"]),
    chat("groq", "https://api.groq.com/openai/v1", "llama-3.3-70b-versatile", &["GROQ_API_KEY"]),
    chat("mistral", "https://api.mistral.ai/v1", "mistral-small-latest", &["MISTRAL_API_KEY"]),
    Vendor {
        url_variables: &["OLLAMA_HOST"],
        url_path: "/v1",
        ..chat("ollama", "http://127.0.0.1:11434/v1", "", &[])
    },
    chat("openrouter", "https://openrouter.ai/api/v1", "openrouter/auto", &["OPENROUTER_API_KEY"]),
    chat("perplexity", "https://api.perplexity.ai", "sonar", &["PERPLEXITY_API_KEY"]),
    chat("together", "https://api.together.xyz/v1", "", &["TOGETHER_API_KEY"]),
    chat("xai", "https://api.x.ai/v1", "grok-4.3", &["XAI_API_KEY"]),
];
