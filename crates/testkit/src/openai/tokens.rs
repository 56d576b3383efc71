//! Token counts of a reply: those scripted, else an estimate of four bytes a token.

use serde::Serialize;

use crate::reply::Reply;
use crate::request::Request;

/// `usage` as the wire shows it.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Tokens {
    prompt_tokens: u64,
    completion_tokens: u64,
    total_tokens: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt_tokens_details: Option<PromptDetails>,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct PromptDetails {
    cached_tokens: u64,
}

impl Tokens {
    pub(crate) fn of(reply: &Reply, request: &Request<'_>, text: &str) -> Self {
        let said = text.len() + reply.tool_calls.iter().map(|call| call.arguments.len()).sum::<usize>();
        let prompt_tokens = reply.usage.prompt.unwrap_or_else(|| estimate(request.prompt_bytes()));
        let completion_tokens = reply.usage.completion.unwrap_or_else(|| estimate(said));
        Self {
            prompt_tokens,
            completion_tokens,
            total_tokens: prompt_tokens.saturating_add(completion_tokens),
            prompt_tokens_details: reply.usage.cached.map(|cached_tokens| PromptDetails { cached_tokens }),
        }
    }
}

fn estimate(bytes: usize) -> u64 {
    bytes.div_ceil(4) as u64
}
