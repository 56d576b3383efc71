//! The vendors: each is a row of data over one of the protocols.
//!
//! A new vendor is one row of `vendor/table.rs`, in its place by name, and nothing else: its name, its aliases, the variables of
//! its key, the errors that name them and the documentation are all read from there. Most speak chat completions, and then the
//! row begins with what [`Chat::PLAIN`] and [`Quirks::PLAIN`] do not say and ends with `chat(name, base URL, model, variables)`:
//!
//! ```text
//! Vendor {
//!     aliases: &["togetherai"],
//!     quirks: quirks(Chat { top_k: true, logprobs: false, ..Chat::PLAIN }),
//!     embedding: Some(Embedding::plain("intfloat/multilingual-e5-large-instruct")),
//!     ..chat("together", "https://api.together.xyz/v1", "", &["TOGETHER_API_KEY"])
//! },
//! ```
//!
//! Which is all that it takes:
//!
//! ```
//! use graphbit_llm::vendor::{Wire, vendor};
//! use graphbit_llm::{Config, Environment};
//!
//! let row = vendor("togetherai")?;
//! assert_eq!((row.name, row.wire, row.default_model), ("together", Wire::OpenAiChat, ""));
//! assert!(row.quirks.chat.top_k && !row.quirks.chat.logprobs && row.embedding.is_some());
//!
//! let environment = Environment::from_pairs([("TOGETHER_API_KEY", "key")]);
//! let config = Config::from_name("together/zai-org/GLM-4.7")?.environment(&environment);
//! assert_eq!(config.url(), "https://api.together.xyz/v1");
//! config.check(None)?;
//! # Ok::<(), graphbit_core::Error>(())
//! ```
//!
//! A server that needs no row at all is asked by the base URL: `Config::new("openai")?.base_url("http://host/v1")`.

mod chat;
mod embedding;
mod table;
#[cfg(test)]
mod tests;

use graphbit_core::{Error, Result, nearest};

use crate::protocol::anthropic::Anthropic;
use crate::protocol::bedrock_converse::BedrockConverse;
use crate::protocol::cohere::Cohere;
use crate::protocol::gemini::Gemini;
use crate::protocol::ollama::Ollama;
use crate::protocol::openai_chat::OpenAiChat;
use crate::protocol::openai_responses::OpenAiResponses;
use crate::protocol::{EmbedProtocol, Protocol};

pub use chat::{Chat, Echo, Files, OutputMember, ThinkingMember, ToolIds};
pub use embedding::{Embedding, PurposeWords};
pub use table::VENDORS;

/// What is particular to one vendor.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Vendor {
    /// The name, as in `LlmConfig.from("name/model")`.
    pub name: &'static str,
    /// Other names that it is known by.
    pub aliases: &'static [&'static str],
    /// The wire it speaks unless another is asked for.
    pub wire: Wire,
    /// The other wires that it speaks at the same base URL.
    pub also: &'static [Wire],
    /// Where it is, without a slash at the end; empty where every customer has a URL of their own.
    pub base_url: &'static str,
    /// What such a URL looks like.
    pub url_form: &'static str,
    /// The model used when none is named; empty where there is no sensible one.
    pub default_model: &'static str,
    /// Environment variables that may hold the key, the first is the one to name to users; none where no key is needed.
    pub key_variables: &'static [&'static str],
    /// Environment variables that may hold another base URL.
    pub url_variables: &'static [&'static str],
    /// How the key travels.
    pub auth: Auth,
    /// What its wire does differently.
    pub quirks: Quirks,
    /// How it embeds texts; `None` where it does not.
    pub embedding: Option<Embedding>,
}

impl Vendor {
    /// The wire of an API that it has, by the name of [`Wire::api`].
    ///
    /// # Errors
    /// `CONFIG` that names the APIs it has.
    pub fn api(&self, name: &str) -> Result<Wire> {
        let wires = [self.wire].into_iter().chain(self.also.iter().copied());
        wires.clone().find(|wire| wire.api() == name).ok_or_else(|| {
            let known: Vec<String> = wires.map(|wire| format!("{:?}", wire.api())).collect();
            let message = format!("{} has no API {name:?}: set `api` to {}", self.name, known.join(" or "));
            Error::config(message).provider(self.name)
        })
    }
}

/// How a key travels. It is added last, by the driver; encoders never see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Auth {
    /// `authorization: Bearer KEY`.
    Bearer,
    /// Like [`Bearer`](Self::Bearer); without a key, the request is signed for this service with the access keys of an AWS
    /// account (Signature Version 4).
    BearerOrAws(&'static str),
    /// In a header of this name, in lower case.
    Header(&'static str),
    /// Not at all, or not as a header.
    None,
}

impl Auth {
    /// What stands before the key in its header.
    pub(crate) fn scheme(self) -> &'static str {
        match self {
            Self::Bearer | Self::BearerOrAws(_) => "Bearer ",
            Self::Header(_) | Self::None => "",
        }
    }

    /// The header that carries the key.
    pub(crate) fn header(self) -> Option<&'static str> {
        match self {
            Self::Bearer | Self::BearerOrAws(_) => Some("authorization"),
            Self::Header(name) => Some(name),
            Self::None => None,
        }
    }
}

/// A wire format by name, so that rows stay data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Wire {
    /// OpenAI chat completions.
    OpenAiChat,
    /// OpenAI Responses.
    OpenAiResponses,
    /// Anthropic Messages.
    AnthropicMessages,
    /// Google's generateContent.
    Gemini,
    /// Ollama's own chat.
    Ollama,
    /// Cohere's chat, version 2.
    Cohere,
    /// Amazon Bedrock Converse.
    BedrockConverse,
}

impl Wire {
    /// The name of its API, as in the option `api`.
    pub const fn api(self) -> &'static str {
        match self {
            Self::OpenAiChat => "chat-completions",
            Self::OpenAiResponses => "responses",
            Self::AnthropicMessages => "messages",
            Self::Gemini => "generate-content",
            Self::Ollama => "ollama",
            Self::Cohere => "cohere",
            Self::BedrockConverse => "converse",
        }
    }

    /// The protocol that reads and writes it.
    pub fn protocol(self) -> &'static dyn Protocol {
        match self {
            Self::OpenAiChat => &OpenAiChat,
            Self::OpenAiResponses => &OpenAiResponses,
            Self::AnthropicMessages => &Anthropic,
            Self::Gemini => &Gemini,
            Self::Ollama => &Ollama,
            Self::Cohere => &Cohere,
            Self::BedrockConverse => &BedrockConverse,
        }
    }

    /// How texts are embedded where this wire is spoken.
    pub(crate) fn embed_protocol(self) -> Option<&'static dyn EmbedProtocol> {
        match self {
            // They live at the same addresses.
            Self::OpenAiChat | Self::OpenAiResponses => Some(&OpenAiChat),
            Self::Gemini => Some(&Gemini),
            Self::Ollama => Some(&Ollama),
            Self::Cohere => Some(&Cohere),
            Self::AnthropicMessages | Self::BedrockConverse => None,
        }
    }
}

/// Differences between servers that speak one wire.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Quirks {
    /// How the limit of tokens is called.
    pub max_tokens: MaxTokensMember,
    /// Whether a stream is asked with `stream_options` to report usage.
    pub stream_usage: bool,
    /// Whether the seed is called `random_seed`.
    pub random_seed: bool,
    /// Whether reasoning must be asked for as a member of its own, else it stands within the text.
    pub reasoning_split: bool,
    /// The API version of deployments: a base URL without a path gets that of the deployment which the model names, and
    /// this version unless its query names another.
    pub deployments: Option<&'static str>,
    /// Whether tool calls and their results may carry ids; else one is an error, and names and order tie them.
    pub call_ids: bool,
    /// Whether Claude is asked through Vertex AI's `rawPredict`, whose URL names the model.
    pub raw_predict: bool,
    /// Whether Claude is held to a schema only where `strict` asks for it: a cloud may not offer that, or not to everyone.
    pub schema_if_strict: bool,
    /// Whether the Responses API is asked for hidden thinking as a cipher, to be sent back.
    pub encrypted_reasoning: EncryptedReasoning,
    /// What a conversation in chat completions may hold and how its settings are called.
    pub chat: Chat,
}

impl Quirks {
    /// A server that does as most do.
    pub const PLAIN: Self = Self {
        max_tokens: MaxTokensMember::MaxTokens,
        stream_usage: true,
        random_seed: false,
        reasoning_split: false,
        deployments: None,
        call_ids: true,
        raw_predict: false,
        schema_if_strict: false,
        encrypted_reasoning: EncryptedReasoning::Never,
        chat: Chat::PLAIN,
    };
}

/// Whether hidden thinking is asked for as a cipher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EncryptedReasoning {
    /// The vendor shows its thinking, or does not know the question.
    Never,
    /// Of models that reason by their name or are asked to; OpenAI's others refuse the question.
    ByModel,
    /// Of every model.
    Always,
}

/// The member that holds the limit of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MaxTokensMember {
    /// `max_completion_tokens` for OpenAI's reasoning models, else `max_tokens`.
    ByModel,
    /// `max_tokens` for every model.
    MaxTokens,
    /// `max_completion_tokens` for every model.
    MaxCompletionTokens,
}

/// The row of a vendor, by its name or another that it is known by.
///
/// # Errors
/// `CONFIG` that suggests the nearest name.
pub fn vendor(name: &str) -> Result<&'static Vendor> {
    VENDORS.iter().find(|row| row.name == name || row.aliases.contains(&name)).ok_or_else(|| {
        let names = VENDORS.iter().map(|row| row.name);
        let known = names.clone().chain(VENDORS.iter().flat_map(|row| row.aliases.iter().copied()));
        let hint = nearest(name, known).map(|near| format!("did you mean {near:?}? ")).unwrap_or_default();
        let all: Vec<&str> = names.collect();
        Error::config(format!("unknown vendor {name:?}: {hint}known are {}", all.join(", ")))
    })
}
