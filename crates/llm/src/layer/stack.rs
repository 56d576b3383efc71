//! The layers that a configuration asks for, in their order (see [`layer`](super)).

use std::sync::Arc;

use graphbit_core::Result;

use super::{Cache, CircuitBreaker, Concurrency, Cost, Fallback, RateLimit, Retry, Timeout, Trace};
use crate::{Client, Config, Connections, Model, Pricing};

/// Connects a configuration, with its policies and the models it falls back to. Without any it is a client, with its retries
/// around it. The model must not outlive the runtime of the connections.
///
/// # Errors
/// `CONFIG` when a certificate file or a proxy cannot be used, or a policy allows nothing.
pub fn connect(config: &Arc<Config>, connections: &Connections) -> Result<Arc<dyn Model>> {
    stack(config, connections, None)
}

/// `prices` hold where the configuration has none.
fn stack(
    config: &Arc<Config>,
    connections: &Connections,
    prices: Option<&Arc<Pricing>>,
) -> Result<Arc<dyn Model>> {
    let prices = config.prices().or(prices);
    let mut model = one(config, connections, prices)?;
    if !config.fallbacks().is_empty() {
        let others = config.fallbacks().iter().map(|other| stack(other, connections, prices));
        let fallback = Fallback::new(model, others.collect::<Result<_>>()?);
        model = Arc::new(match config.fallback_codes() {
            Some(codes) => fallback.codes(codes.iter().copied()),
            None => fallback,
        });
    }
    if let Some(options) = config.policies_in_force().trace {
        let trace = Trace::new(model).content(options.content);
        model = Arc::new(match server(config) {
            Some((address, port)) => trace.server(address, port),
            None => trace,
        });
    }
    Ok(model)
}

/// One model, without those it falls back to.
fn one(
    config: &Arc<Config>,
    connections: &Connections,
    prices: Option<&Arc<Pricing>>,
) -> Result<Arc<dyn Model>> {
    let policies = config.policies_in_force();
    let client = Client::new(Arc::clone(config), connections.get(config)?);
    let mut model: Arc<dyn Model> = match &policies.rate_limits {
        Some(limits) => {
            let learning = limits.clone();
            let client = client.on_rate_state(move |state| learning.learn(state));
            Arc::new(RateLimit::new(Arc::new(client), limits.clone()))
        }
        None => Arc::new(client),
    };
    if let Some(limit) = &policies.concurrency {
        model = Arc::new(Concurrency::new(model, limit.clone()));
    }
    if let Some(circuit) = &policies.circuit {
        model = Arc::new(CircuitBreaker::new(model, circuit.clone()));
    }
    if config.retries() > 0 {
        let retry = Retry::new(model, config.retries());
        model = Arc::new(match policies.retry_budget {
            Some(budget) => retry.budget(budget)?,
            None => retry,
        });
    }
    if let Some(total) = policies.total_timeout {
        model = Arc::new(Timeout::new(model, total)?);
    }
    if let Some(prices) = prices {
        model = Arc::new(Cost::new(model, Arc::clone(prices)));
    }
    if let Some(replies) = &policies.replies {
        model = Arc::new(Cache::new(model, replies.clone()));
    }
    Ok(model)
}

fn server(config: &Config) -> Option<(String, u16)> {
    let url: http::Uri = config.url().parse().ok()?;
    let usual = if url.scheme_str() == Some("http") { 80 } else { 443 };
    Some((url.host()?.to_owned(), url.port_u16().unwrap_or(usual)))
}

#[cfg(test)]
mod tests;
