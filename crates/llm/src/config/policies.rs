//! What happens around the calls of a configuration. What they share lives here, so that every client, run and runtime that uses
//! the configuration, or a clone of it, shares it too.

mod options;

use std::time::Duration;

use graphbit_core::{Error, Result};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::layer::{CacheOptions, Circuit, ConcurrencyLimit, RateLimitOptions, RateLimits, Replies};
pub(crate) use options::Options;

/// The policies; none is in force unless set. [`layer::connect`](crate::layer::connect) puts the layers of those that are around
/// the client. Put the same value into two configurations to have them share it.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Policies {
    /// How many calls may be under way.
    pub concurrency: Option<ConcurrencyLimit>,
    /// How many requests and tokens a minute.
    pub rate_limits: Option<RateLimits>,
    /// Whether the endpoint is worth asking.
    pub circuit: Option<Circuit>,
    /// Replies that are given again.
    pub replies: Option<Replies>,
    /// For a call with all its attempts.
    pub total_timeout: Option<Duration>,
    /// For all attempts together, until the first event.
    pub retry_budget: Option<Duration>,
    /// Spans for the calls.
    pub trace: Option<TraceOptions>,
}

/// What a span tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TraceOptions {
    /// Also prompts and replies.
    pub content: bool,
}

impl Policies {
    /// The names of the options.
    pub const NAMES: [&str; 7] = [
        "maxConcurrency",
        "rateLimit",
        "circuitBreaker",
        "cache",
        "totalTimeoutMs",
        "retryBudgetMs",
        "trace",
    ];

    /// Policies from options as JSON has them; `null` is as good as left out:
    ///
    /// ```
    /// use graphbit_llm::Policies;
    ///
    /// let options = serde_json::json!({
    ///     "maxConcurrency": 8,
    ///     "rateLimit": { "requestsPerMinute": 500, "tokensPerMinute": 200000, "maxWaitMs": 60000 },
    ///     "circuitBreaker": { "failures": 5, "cooldownMs": 30000 },
    ///     "cache": { "maxBytes": 16777216, "maxEntries": 1000, "ttlMs": 3600000 },
    ///     "totalTimeoutMs": 120000,
    ///     "retryBudgetMs": 60000,
    ///     "trace": { "content": false },
    /// });
    /// let policies = Policies::from_options(options.as_object().unwrap())?;
    /// assert_eq!(policies.concurrency.unwrap().free(), 8);
    /// # Ok::<(), graphbit_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// `CONFIG` that names an unknown option, or one whose value cannot be used.
    pub fn from_options(options: &Map<String, Value>) -> Result<Self> {
        let options = Options::new("", options, &Self::NAMES)?;
        let mut policies = Self {
            concurrency: options.count("maxConcurrency")?.map(ConcurrencyLimit::new).transpose()?,
            total_timeout: options.time("totalTimeoutMs")?,
            retry_budget: options.time("retryBudgetMs")?,
            trace: options.switch("trace", &["content"], |options| {
                Ok(TraceOptions { content: options.flag("content")? })
            })?,
            ..Self::default()
        };
        if let Some(options) =
            options.group("rateLimit", &["requestsPerMinute", "tokensPerMinute", "maxWaitMs"])?
        {
            let mut limits = RateLimitOptions::default();
            limits.requests_per_minute = options.count("requestsPerMinute")?;
            limits.tokens_per_minute = options.count("tokensPerMinute")?;
            limits.max_wait = options.time_or_none("maxWaitMs")?.unwrap_or(limits.max_wait);
            policies.rate_limits = Some(RateLimits::new(limits)?);
        }
        if let Some(options) = options.group("circuitBreaker", &["failures", "cooldownMs"])? {
            let failures = options.count("failures")?.unwrap_or(5);
            let cooldown = options.time("cooldownMs")?.unwrap_or(Duration::from_secs(30));
            policies.circuit = Some(Circuit::new(failures, cooldown)?);
        }
        if let Some(options) = options.group("cache", &["maxBytes", "maxEntries", "ttlMs"])? {
            let mut cache = CacheOptions::default();
            cache.max_bytes = options.count("maxBytes")?.unwrap_or(cache.max_bytes);
            cache.max_entries = options.count("maxEntries")?.unwrap_or(cache.max_entries);
            cache.ttl = options.time("ttlMs")?;
            policies.replies = Some(Replies::new(cache)?);
        }
        Ok(policies)
    }
}

impl<'de> Deserialize<'de> for Policies {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let options = Map::deserialize(deserializer)?;
        Self::from_options(&options).map_err(|error: Error| serde::de::Error::custom(error.message()))
    }
}

#[cfg(test)]
mod tests;
