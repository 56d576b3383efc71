//! The vendors: each is a row of data over one of the protocols.

mod table;
#[cfg(test)]
mod tests;

use graphbit_core::{Error, Result, nearest};

use crate::protocol::Protocol;
use crate::protocol::openai_chat::OpenAiChat;

pub use table::VENDORS;

/// What is particular to one vendor.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Vendor {
    /// The name, as in `LlmConfig.from("name/model")`.
    pub name: &'static str,
    /// The wire it speaks.
    pub wire: Wire,
    /// Where it is, without a slash at the end.
    pub base_url: &'static str,
    /// The model used when none is named; empty where there is no sensible one.
    pub default_model: &'static str,
    /// Environment variables that may hold the key, the first is the one to name to users; none where no key is needed.
    pub key_variables: &'static [&'static str],
    /// Environment variables that may hold another base URL.
    pub url_variables: &'static [&'static str],
    /// What is appended to a base URL from the environment that has no path.
    pub url_path: &'static str,
    /// What its wire does differently.
    pub quirks: Quirks,
}

/// A wire format by name, so that rows stay data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Wire {
    /// OpenAI chat completions.
    OpenAiChat,
}

impl Wire {
    /// The protocol that reads and writes it.
    pub fn protocol(self) -> &'static dyn Protocol {
        match self {
            Self::OpenAiChat => &OpenAiChat,
        }
    }
}

/// Differences between servers that speak one wire.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Quirks {
    /// How the limit of tokens is called.
    pub max_tokens: MaxTokensMember,
    /// Whether a stream reports usage only when asked with `stream_options`.
    pub stream_usage: bool,
}

/// The member that holds the limit of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MaxTokensMember {
    /// `max_completion_tokens` for OpenAI's reasoning models, else `max_tokens`.
    ByModel,
    /// `max_tokens` for every model.
    MaxTokens,
}

/// The row of a vendor.
///
/// # Errors
/// `CONFIG` that suggests the nearest name.
pub fn vendor(name: &str) -> Result<&'static Vendor> {
    VENDORS.iter().find(|vendor| vendor.name == name).ok_or_else(|| {
        let names = VENDORS.iter().map(|vendor| vendor.name);
        let hint =
            nearest(name, names.clone()).map(|near| format!("did you mean {near:?}? ")).unwrap_or_default();
        let all: Vec<&str> = names.collect();
        Error::config(format!("unknown vendor {name:?}: {hint}known are {}", all.join(", ")))
    })
}
