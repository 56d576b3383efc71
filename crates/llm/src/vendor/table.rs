//! The rows. A vendor that speaks chat completions is one `chat(…)` line.

use super::{Auth, MaxTokensMember, Quirks, Vendor, Wire};

/// A vendor that speaks OpenAI chat completions with a bearer key.
const fn chat(
    name: &'static str,
    base_url: &'static str,
    default_model: &'static str,
    key_variables: &'static [&'static str],
) -> Vendor {
    Vendor {
        name,
        aliases: &[],
        wire: Wire::OpenAiChat,
        base_url,
        url_form: "",
        default_model,
        key_variables,
        url_variables: &[],
        auth: Auth::Bearer,
        quirks: Quirks::PLAIN,
    }
}

/// Every vendor, by name. Base URLs and variables are those of the vendors' public documentation.
pub static VENDORS: &[Vendor] = &[
    Vendor {
        url_variables: &["OPENAI_BASE_URL"],
        quirks: Quirks { max_tokens: MaxTokensMember::ByModel, ..Quirks::PLAIN },
        ..chat("openai", "https://api.openai.com/v1", "gpt-4.1-mini", &["OPENAI_API_KEY"])
    },
    Vendor {
        wire: Wire::OpenAiResponses,
        url_variables: &["OPENAI_BASE_URL"],
        ..chat("openai-responses", "https://api.openai.com/v1", "gpt-4.1-mini", &["OPENAI_API_KEY"])
    },
    Vendor {
        wire: Wire::AnthropicMessages,
        auth: Auth::Header("x-api-key"),
        url_variables: &["ANTHROPIC_BASE_URL"],
        ..chat("anthropic", "https://api.anthropic.com", "claude-haiku-4-5", &["ANTHROPIC_API_KEY"])
    },
    Vendor {
        aliases: &["google"],
        wire: Wire::Gemini,
        auth: Auth::Header("x-goog-api-key"),
        ..chat(
            "gemini",
            "https://generativelanguage.googleapis.com/v1beta",
            "gemini-2.5-flash",
            &["GEMINI_API_KEY", "GOOGLE_API_KEY"],
        )
    },
    Vendor {
        wire: Wire::Cohere,
        ..chat("cohere", "https://api.cohere.com", "command-a-03-2025", &["COHERE_API_KEY", "CO_API_KEY"])
    },
    // The bearer key of Bedrock's API; the URL names the region.
    Vendor {
        wire: Wire::BedrockConverse,
        url_form: "https://bedrock-runtime.REGION.amazonaws.com",
        url_variables: &["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"],
        ..chat("bedrock", "", "", &["AWS_BEARER_TOKEN_BEDROCK"])
    },
    chat("ai21", "https://api.ai21.com/studio/v1", "jamba-large", &["AI21_API_KEY"]),
    Vendor {
        aliases: &["dashscope", "qwen"],
        ..chat(
            "alibaba",
            "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
            "qwen-plus",
            &["DASHSCOPE_API_KEY"],
        )
    },
    // The model names a deployment. A base URL with a path, as `…/openai/v1` or `…/models`, is used as it is.
    Vendor {
        aliases: &["azure", "azureopenai"],
        url_form: "https://RESOURCE.openai.azure.com",
        url_variables: &["AZURE_OPENAI_ENDPOINT"],
        auth: Auth::Header("api-key"),
        quirks: Quirks {
            max_tokens: MaxTokensMember::ByModel,
            deployments: Some("2024-10-21"),
            ..Quirks::PLAIN
        },
        ..chat("azure-openai", "", "", &["AZURE_OPENAI_API_KEY"])
    },
    Vendor {
        aliases: &["byteplus"],
        ..chat("bytedance", "https://ark.ap-southeast.bytepluses.com/api/v3", "", &["ARK_API_KEY"])
    },
    chat("cerebras", "https://api.cerebras.ai/v1", "gpt-oss-120b", &["CEREBRAS_API_KEY"]),
    chat("deepseek", "https://api.deepseek.com", "deepseek-chat", &["DEEPSEEK_API_KEY"]),
    chat("fireworks", "https://api.fireworks.ai/inference/v1", "", &["FIREWORKS_API_KEY"]),
    chat("github-copilot", "https://api.githubcopilot.com", "gpt-4o", &["GITHUB_COPILOT_API_KEY"]),
    Vendor { url_form: "http://HOST/v1", ..chat("gpustack", "", "", &[]) },
    chat("groq", "https://api.groq.com/openai/v1", "llama-3.3-70b-versatile", &["GROQ_API_KEY"]),
    chat("huggingface", "https://router.huggingface.co/v1", "", &["HF_TOKEN", "HUGGINGFACE_API_KEY"]),
    chat("llamacpp", "http://127.0.0.1:8080/v1", "default", &[]),
    chat("lmstudio", "http://127.0.0.1:1234/v1", "", &[]),
    Vendor {
        quirks: Quirks {
            max_tokens: MaxTokensMember::MaxCompletionTokens,
            reasoning_split: true,
            ..Quirks::PLAIN
        },
        ..chat("minimax", "https://api.minimax.io/v1", "MiniMax-M2.5", &["MINIMAX_API_KEY"])
    },
    Vendor {
        aliases: &["mistralai"],
        quirks: Quirks { stream_usage: false, random_seed: true, ..Quirks::PLAIN },
        ..chat("mistral", "https://api.mistral.ai/v1", "mistral-small-latest", &["MISTRAL_API_KEY"])
    },
    Vendor {
        aliases: &["moonshotai", "kimi"],
        ..chat("moonshot", "https://api.moonshot.ai/v1", "", &["MOONSHOT_API_KEY"])
    },
    Vendor {
        wire: Wire::Ollama,
        url_variables: &["OLLAMA_HOST"],
        ..chat("ollama", "http://127.0.0.1:11434", "", &[])
    },
    chat("openrouter", "https://openrouter.ai/api/v1", "openrouter/auto", &["OPENROUTER_API_KEY"]),
    Vendor {
        quirks: Quirks { stream_usage: false, ..Quirks::PLAIN },
        ..chat("perplexity", "https://api.perplexity.ai", "sonar", &["PERPLEXITY_API_KEY"])
    },
    Vendor {
        url_form: "https://ACCOUNT.snowflakecomputing.com/api/v2/cortex/v1",
        ..chat("snowflake", "", "", &["SNOWFLAKE_TOKEN"])
    },
    Vendor {
        aliases: &["togetherai"],
        ..chat("together", "https://api.together.xyz/v1", "", &["TOGETHER_API_KEY"])
    },
    chat("venice", "https://api.venice.ai/api/v1", "", &["VENICE_API_KEY"]),
    chat("vllm", "http://127.0.0.1:8000/v1", "", &[]),
    Vendor {
        quirks: Quirks { max_tokens: MaxTokensMember::MaxCompletionTokens, ..Quirks::PLAIN },
        ..chat("xai", "https://api.x.ai/v1", "grok-4.3", &["XAI_API_KEY"])
    },
    chat("zai", "https://api.z.ai/api/paas/v4", "glm-4.7", &["ZAI_API_KEY"]),
];
