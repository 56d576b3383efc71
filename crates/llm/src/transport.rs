//! How bytes travel: one trait over `http` types, so that everything above it can be tested without a network.

mod body;
mod calls;
mod connections;
mod dial;
mod exchange;
mod failure;
mod head;
mod idle;
mod link;
mod place;
mod places;
mod pool;
mod roots;
#[cfg(test)]
mod tests;

use std::pin::Pin;

use async_trait::async_trait;
use bytes::Bytes;
use futures_core::Stream;
use graphbit_core::Result;

pub use connections::Connections;
pub use pool::HttpTransport;

/// A body as it arrives. Nothing is read that is not asked for; dropping it closes the connection.
pub type Body = Pin<Box<dyn Stream<Item = Result<Bytes>> + Send>>;

/// A request on its way: what [`Transport::send`] gives.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<http::Response<Body>>> + Send + 'a>>;

/// Sends a request and gives the reply's head, with its body still to come.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait Transport: Send + Sync {
    /// Sends. Errors are `NETWORK`, or `TIMEOUT` with the clock `connect`; of the body `NETWORK`, or `TRUNCATED`.
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Body>>;
}
