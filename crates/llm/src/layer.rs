//! Policies around a model, one file each. A layer is a model itself, so they stack; what calls share (a limit, a circuit, kept
//! replies) is a value of its own, whose clones share it over models, runtimes and configurations. A layer starts no task and
//! uses no channel: whoever waits in one is a future, and dropping it gives its turn up. [`connect`] stacks them in this order,
//! outermost first:
//!
//! * [`Trace`] opens a span for the whole call, whoever answers it in the end.
//! * [`Fallback`] asks other models while nothing was handed on. Each has the stack of its own configuration below.
//! * [`Cache`] answers from memory what this model has answered: next to the model, where a request is the wire's bytes.
//! * [`Cost`] prices what was asked of the vendor; what comes from memory costs nothing.
//! * [`Timeout`] is one deadline over all that follows, waits and attempts.
//! * [`Retry`] makes the attempts; each goes through all that follows, and none of it is held between them.
//! * [`CircuitBreaker`] turns away at once what would go to an endpoint that is down: before the queues, which are full then.
//! * [`Concurrency`] gives places, in order, each until its reply has ended.
//! * [`RateLimit`] is last, so that a minute's calls are counted when they go out, not when they queue for a place.
//!
//! ```
//! use std::sync::Arc;
//! use graphbit_llm::layer::{Concurrency, ConcurrencyLimit, Retry};
//! use graphbit_llm::{Client, Config, Connections, Request, complete};
//! use graphbit_testkit::{Script, Server};
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let server = Server::start(Script::default()).await?;
//! let config = Arc::new(Config::new("openai")?.base_url(server.base_url()));
//! let client = Arc::new(Client::new(Arc::clone(&config), Connections::default().get(&config)?));
//!
//! let limit = ConcurrencyLimit::new(4)?;
//! let model = Retry::new(Arc::new(Concurrency::new(client, limit.clone())), 2);
//!
//! assert_eq!(complete(&model, Request::prompt("Say hello")).await?.text, "echo: Say hello");
//! assert_eq!(limit.free(), 4);
//! # Ok(()) }
//! ```

/// What layers have in common that send what the model below them has prepared: whoever waits holds the wire's bytes once, and a
/// request that can never be sent begins nothing.
macro_rules! sends_what_is_prepared {
    () => {
        fn info(&self) -> &crate::ModelInfo {
            self.inner.info()
        }

        fn stream<'s, 'a>(&'s self, request: crate::Request) -> crate::Opening<'a>
        where
            's: 'a,
            Self: 'a,
        {
            crate::model::sent(self, self.inner.prepare(request))
        }

        fn prepare(&self, request: crate::Request) -> graphbit_core::Result<crate::Prepared> {
            self.inner.prepare(request)
        }
    };
}

mod backoff;
mod cache;
mod circuit_breaker;
mod concurrency;
mod cost;
mod fallback;
mod first;
mod rate_limit;
mod retry;
#[cfg(test)]
mod scripted;
mod stack;
mod timeout;
mod trace;
mod watched;

use graphbit_core::Error;

pub(crate) use backoff::Backoff;
pub use cache::{Cache, CacheOptions, Replies};
pub use circuit_breaker::{Circuit, CircuitBreaker};
pub use concurrency::{Concurrency, ConcurrencyLimit};
pub use cost::Cost;
pub use fallback::Fallback;
pub use rate_limit::{RateLimit, RateLimitOptions, RateLimits};
pub use retry::Retry;
pub use stack::connect;
pub use timeout::Timeout;
pub use trace::Trace;

use crate::ModelInfo;

/// An error of a layer's own, with the model that was to be asked.
fn placed(error: Error, info: &ModelInfo) -> Error {
    let error = error.provider(info.provider.as_str());
    if info.model.is_empty() { error } else { error.model(info.model.as_str()) }
}
