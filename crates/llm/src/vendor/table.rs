//! The rows. A vendor that speaks chat completions as most do is a `chat(…)` alone; before it stands what is different.

use super::{
    Auth, Chat, Echo, Embedding, EncryptedReasoning, Files, MaxTokensMember, OutputMember, PurposeWords,
    Quirks, ThinkingMember, ToolIds, Vendor, Wire,
};

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
        also: &[],
        base_url,
        url_form: "",
        default_model,
        key_variables,
        url_variables: &[],
        auth: Auth::Bearer,
        quirks: Quirks::PLAIN,
        embedding: None,
    }
}

/// OpenAI takes up to 2048 texts and 300,000 tokens a request.
const OPENAI_EMBEDDING: Embedding =
    Embedding { most: 2048, most_bytes: 600_000, base64: true, ..Embedding::plain("text-embedding-3-small") };

/// What a vendor has beside chat completions: OpenAI's newer API, and Anthropic's.
const RESPONSES: &[Wire] = &[Wire::OpenAiResponses];
const RESPONSES_AND_MESSAGES: &[Wire] = &[Wire::OpenAiResponses, Wire::AnthropicMessages];

/// A server of chat completions that differs in these things alone.
const fn quirks(chat: Chat) -> Quirks {
    Quirks { chat, ..Quirks::PLAIN }
}

/// Servers that run open models with all the sampling that these know.
const LOCAL: Quirks = quirks(Chat { top_k: true, ..Chat::PLAIN });

/// OpenAI's own models, wherever they are served.
const OPENAI: Quirks = Quirks {
    max_tokens: MaxTokensMember::ByModel,
    encrypted_reasoning: EncryptedReasoning::ByModel,
    chat: Chat { tool_ids: ToolIds::Short, refusals: true, cache_key: true, ..Chat::PLAIN },
    ..Quirks::PLAIN
};

/// Every vendor, by name. Base URLs and variables are those of the vendors' public documentation.
pub static VENDORS: &[Vendor] = &[
    Vendor {
        quirks: quirks(Chat {
            output: OutputMember::Object,
            thinking: ThinkingMember::None,
            logprobs: false,
            penalties: false,
            ..Chat::PLAIN
        }),
        ..chat("ai21", "https://api.ai21.com/studio/v1", "jamba-large", &["AI21_API_KEY"])
    },
    Vendor {
        aliases: &["dashscope", "qwen"],
        quirks: quirks(Chat {
            output: OutputMember::Object,
            thinking: ThinkingMember::Budget,
            top_k: true,
            cache_marks: true,
            ..Chat::PLAIN
        }),
        embedding: Some(Embedding { most: 10, ..Embedding::plain("text-embedding-v4") }),
        ..chat(
            "alibaba",
            "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
            "qwen-plus",
            &["DASHSCOPE_API_KEY", "ALIBABA_API_KEY"],
        )
    },
    Vendor {
        wire: Wire::AnthropicMessages,
        url_variables: &["ANTHROPIC_BASE_URL"],
        auth: Auth::Header("x-api-key"),
        ..chat("anthropic", "https://api.anthropic.com", "claude-haiku-4-5", &["ANTHROPIC_API_KEY"])
    },
    // Claude in Microsoft Foundry: the model names a deployment.
    Vendor {
        wire: Wire::AnthropicMessages,
        auth: Auth::Header("x-api-key"),
        url_form: "https://RESOURCE.services.ai.azure.com/anthropic",
        url_variables: &["ANTHROPIC_FOUNDRY_BASE_URL"],
        quirks: Quirks { schema_if_strict: true, ..Quirks::PLAIN },
        ..chat("azure-anthropic", "", "", &["AZURE_API_KEY", "ANTHROPIC_FOUNDRY_API_KEY"])
    },
    // The model names a deployment. A base URL with a path, as `…/openai/v1` or `…/models`, is used as it is.
    Vendor {
        aliases: &["azure", "azureopenai"],
        also: RESPONSES,
        url_form: "https://RESOURCE.openai.azure.com",
        url_variables: &["AZURE_OPENAI_ENDPOINT"],
        auth: Auth::Header("api-key"),
        quirks: Quirks { deployments: Some("2024-10-21"), ..OPENAI },
        embedding: Some(Embedding { model: "", ..OPENAI_EMBEDDING }),
        ..chat("azure-openai", "", "", &["AZURE_OPENAI_API_KEY"])
    },
    // A bearer key of Bedrock's API or AWS access keys; the URL names the region.
    Vendor {
        wire: Wire::BedrockConverse,
        auth: Auth::BearerOrAws("bedrock"),
        url_form: "https://bedrock-runtime.REGION.amazonaws.com",
        url_variables: &["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"],
        ..chat("bedrock", "", "", &["AWS_BEARER_TOKEN_BEDROCK"])
    },
    Vendor {
        also: RESPONSES,
        url_form: "https://bedrock-mantle.REGION.api.aws/v1",
        ..chat("bedrock-mantle", "", "", &["AWS_BEARER_TOKEN_BEDROCK"])
    },
    Vendor {
        aliases: &["byteplus"],
        quirks: quirks(Chat {
            output: OutputMember::Object,
            thinking: ThinkingMember::Switch,
            echo: Echo::ReasoningContent,
            ..Chat::PLAIN
        }),
        ..chat("bytedance", "https://ark.ap-southeast.bytepluses.com/api/v3", "", &["ARK_API_KEY"])
    },
    Vendor {
        quirks: quirks(Chat { output_beside_tools: false, penalties: false, ..Chat::PLAIN }),
        ..chat("cerebras", "https://api.cerebras.ai/v1", "gpt-oss-120b", &["CEREBRAS_API_KEY"])
    },
    Vendor {
        wire: Wire::Cohere,
        embedding: Some(Embedding { most: 96, ..Embedding::plain("embed-v4.0") }),
        ..chat("cohere", "https://api.cohere.com", "command-a-03-2025", &["COHERE_API_KEY", "CO_API_KEY"])
    },
    Vendor {
        also: RESPONSES,
        quirks: quirks(Chat {
            output: OutputMember::Object,
            thinking: ThinkingMember::SwitchAndEffort,
            echo: Echo::ReasoningContent,
            ..Chat::PLAIN
        }),
        ..chat("deepseek", "https://api.deepseek.com", "deepseek-flash", &["DEEPSEEK_API_KEY"])
    },
    Vendor {
        quirks: quirks(Chat { echo: Echo::ReasoningContent, top_k: true, ..Chat::PLAIN }),
        embedding: Some(Embedding::plain("nomic-ai/nomic-embed-text-v1.5")),
        ..chat("fireworks", "https://api.fireworks.ai/inference/v1", "", &["FIREWORKS_API_KEY"])
    },
    Vendor {
        aliases: &["google"],
        wire: Wire::Gemini,
        auth: Auth::Header("x-goog-api-key"),
        embedding: Some(Embedding { most: 100, ..Embedding::plain("gemini-embedding-001") }),
        ..chat(
            "gemini",
            "https://generativelanguage.googleapis.com/v1beta",
            "gemini-3.5-flash",
            &["GEMINI_API_KEY", "GOOGLE_API_KEY"],
        )
    },
    // Google's own models over this wire.
    Vendor {
        quirks: quirks(Chat { echo: Echo::ExtraContent, logprobs: false, ..Chat::PLAIN }),
        ..chat(
            "gemini-openai",
            "https://generativelanguage.googleapis.com/v1beta/openai",
            "gemini-3.5-flash",
            &["GEMINI_API_KEY", "GOOGLE_API_KEY"],
        )
    },
    Vendor {
        also: RESPONSES,
        quirks: Quirks { encrypted_reasoning: EncryptedReasoning::ByModel, ..Quirks::PLAIN },
        ..chat("github-copilot", "https://api.githubcopilot.com", "gpt-4o", &["GITHUB_COPILOT_API_KEY"])
    },
    Vendor {
        url_form: "http://HOST/v1",
        quirks: LOCAL,
        embedding: Some(Embedding::plain("")),
        ..chat("gpustack", "", "", &[])
    },
    Vendor {
        also: RESPONSES,
        quirks: quirks(Chat {
            output: OutputMember::SchemaFor(&["openai/gpt-oss", "moonshotai/kimi-k2", "meta-llama/llama-4"]),
            output_beside_tools: false,
            logprobs: false,
            ..Chat::PLAIN
        }),
        ..chat("groq", "https://api.groq.com/openai/v1", "openai/gpt-oss-120b", &["GROQ_API_KEY"])
    },
    Vendor {
        also: RESPONSES,
        ..chat("huggingface", "https://router.huggingface.co/v1", "", &["HF_TOKEN", "HUGGINGFACE_API_KEY"])
    },
    // Embeddings only, as `voyage` below.
    Vendor {
        embedding: Some(Embedding {
            most: 512,
            purpose: Some(PurposeWords {
                member: "task",
                query: "retrieval.query",
                document: "retrieval.passage",
            }),
            ..Embedding::plain("jina-embeddings-v3")
        }),
        ..chat("jina", "https://api.jina.ai/v1", "", &["JINA_API_KEY"])
    },
    Vendor {
        also: RESPONSES_AND_MESSAGES,
        quirks: LOCAL,
        embedding: Some(Embedding::plain("")),
        ..chat("llamacpp", "http://127.0.0.1:8080/v1", "default", &[])
    },
    Vendor {
        also: RESPONSES_AND_MESSAGES,
        quirks: LOCAL,
        embedding: Some(Embedding::plain("")),
        ..chat("lmstudio", "http://127.0.0.1:1234/v1", "", &[])
    },
    Vendor {
        quirks: Quirks {
            max_tokens: MaxTokensMember::MaxCompletionTokens,
            reasoning_split: true,
            ..quirks(Chat {
                output: OutputMember::None,
                thinking: ThinkingMember::None,
                echo: Echo::ReasoningDetails,
                logprobs: false,
                ..Chat::PLAIN
            })
        },
        ..chat("minimax", "https://api.minimax.io/v1", "MiniMax-M3", &["MINIMAX_API_KEY"])
    },
    Vendor {
        aliases: &["mistralai"],
        quirks: Quirks {
            stream_usage: false,
            random_seed: true,
            ..quirks(Chat {
                thinking: ThinkingMember::NoneOrHigh,
                echo: Echo::ThinkingParts,
                tool_ids: ToolIds::Nine,
                any_tool: "any",
                files: Files::Documents,
                logprobs: false,
                cache_key: true,
                ..Chat::PLAIN
            })
        },
        embedding: Some(Embedding {
            most: 256,
            most_bytes: 32_000,
            dimensions: "output_dimension",
            ..Embedding::plain("mistral-embed")
        }),
        ..chat("mistral", "https://api.mistral.ai/v1", "mistral-small-latest", &["MISTRAL_API_KEY"])
    },
    Vendor {
        aliases: &["moonshotai", "kimi"],
        quirks: quirks(Chat {
            output: OutputMember::Object,
            thinking: ThinkingMember::Switch,
            echo: Echo::ReasoningContent,
            logprobs: false,
            cache_key: true,
            ..Chat::PLAIN
        }),
        ..chat("moonshot", "https://api.moonshot.ai/v1", "", &["MOONSHOT_API_KEY"])
    },
    Vendor {
        wire: Wire::Ollama,
        url_variables: &["OLLAMA_HOST"],
        embedding: Some(Embedding::plain("")),
        ..chat("ollama", "http://127.0.0.1:11434", "", &[])
    },
    Vendor {
        also: RESPONSES,
        url_variables: &["OPENAI_BASE_URL"],
        quirks: OPENAI,
        embedding: Some(OPENAI_EMBEDDING),
        ..chat("openai", "https://api.openai.com/v1", "gpt-4.1-mini", &["OPENAI_API_KEY"])
    },
    Vendor {
        also: RESPONSES_AND_MESSAGES,
        quirks: Quirks {
            encrypted_reasoning: EncryptedReasoning::ByModel,
            ..quirks(Chat {
                thinking: ThinkingMember::Object,
                echo: Echo::ReasoningDetails,
                files: Files::PartsOrUrls,
                top_k: true,
                cache_marks: true,
                ..Chat::PLAIN
            })
        },
        embedding: Some(Embedding::plain("openai/text-embedding-3-small")),
        ..chat("openrouter", "https://openrouter.ai/api/v1", "openrouter/auto", &["OPENROUTER_API_KEY"])
    },
    Vendor {
        quirks: Quirks { stream_usage: false, ..quirks(Chat { logprobs: false, ..Chat::PLAIN }) },
        ..chat("perplexity", "https://api.perplexity.ai", "sonar", &["PERPLEXITY_API_KEY"])
    },
    Vendor {
        url_form: "https://ACCOUNT.snowflakecomputing.com/api/v2/cortex/v1",
        quirks: quirks(Chat {
            thinking: ThinkingMember::Object,
            echo: Echo::ReasoningDetails,
            logprobs: false,
            cache_marks: true,
            ..Chat::PLAIN
        }),
        ..chat("snowflake", "", "", &["SNOWFLAKE_TOKEN"])
    },
    Vendor {
        aliases: &["togetherai"],
        quirks: quirks(Chat { top_k: true, logprobs: false, ..Chat::PLAIN }),
        embedding: Some(Embedding::plain("intfloat/multilingual-e5-large-instruct")),
        ..chat("together", "https://api.together.xyz/v1", "", &["TOGETHER_API_KEY"])
    },
    Vendor {
        quirks: quirks(Chat { top_k: true, cache_key: true, ..Chat::PLAIN }),
        embedding: Some(Embedding::plain("text-embedding-bge-m3")),
        ..chat("venice", "https://api.venice.ai/api/v1", "", &["VENICE_API_KEY"])
    },
    // Claude on Vertex AI: the key is an access token of Google Cloud, which whoever calls fetches and renews, as by
    // `gcloud auth print-access-token`. A REGION "global" has the host `aiplatform.googleapis.com`.
    Vendor {
        wire: Wire::AnthropicMessages,
        url_form: "https://REGION-aiplatform.googleapis.com/v1/projects/PROJECT/locations/REGION",
        quirks: Quirks { raw_predict: true, schema_if_strict: true, ..Quirks::PLAIN },
        ..chat("vertex-anthropic", "", "", &["VERTEX_ACCESS_TOKEN", "GOOGLE_ACCESS_TOKEN"])
    },
    // Gemini on Vertex AI; `https://aiplatform.googleapis.com` with the location `global` serves too. The key is an OAuth access
    // token of the caller's, which lives for an hour, as `gcloud auth print-access-token` prints one.
    Vendor {
        aliases: &["vertex"],
        wire: Wire::Gemini,
        url_form: "https://REGION-aiplatform.googleapis.com/v1/projects/PROJECT/locations/REGION/publishers/google",
        quirks: Quirks { call_ids: false, ..Quirks::PLAIN },
        ..chat("vertex-gemini", "", "gemini-3.5-flash", &["GOOGLE_ACCESS_TOKEN", "VERTEX_ACCESS_TOKEN"])
    },
    Vendor {
        also: RESPONSES_AND_MESSAGES,
        quirks: LOCAL,
        embedding: Some(Embedding::plain("")),
        ..chat("vllm", "http://127.0.0.1:8000/v1", "", &[])
    },
    Vendor {
        embedding: Some(Embedding {
            most: 1000,
            most_bytes: 240_000,
            base64: true,
            dimensions: "output_dimension",
            purpose: Some(PurposeWords { member: "input_type", query: "query", document: "document" }),
            ..Embedding::plain("voyage-3.5")
        }),
        ..chat("voyage", "https://api.voyageai.com/v1", "", &["VOYAGE_API_KEY"])
    },
    Vendor {
        also: RESPONSES,
        quirks: Quirks {
            max_tokens: MaxTokensMember::MaxCompletionTokens,
            encrypted_reasoning: EncryptedReasoning::Always,
            ..Quirks::PLAIN
        },
        ..chat("xai", "https://api.x.ai/v1", "grok-4.3", &["XAI_API_KEY"])
    },
    Vendor {
        quirks: quirks(Chat {
            output: OutputMember::Object,
            thinking: ThinkingMember::Switch,
            echo: Echo::ReasoningContent,
            logprobs: false,
            penalties: false,
            ..Chat::PLAIN
        }),
        ..chat("zai", "https://api.z.ai/api/paas/v4", "glm-4.7", &["ZAI_API_KEY"])
    },
];
