//! The trait that users and layers see: something that answers requests with events.

use std::pin::Pin;

use async_trait::async_trait;
use futures_core::Stream;
use graphbit_core::Result;

use crate::{Event, Request, Response};

/// The events of one reply. It ends after [`Event::Finished`]; an error is its last item. Dropping it closes the connection.
pub type EventStream = Pin<Box<dyn Stream<Item = Result<Event>> + Send>>;

/// A model: a provider's, a layer around another model, or the user's own.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait Model: Send + Sync {
    /// Who answers.
    fn info(&self) -> &ModelInfo;

    /// Asks, and gives the events of the reply as they arrive. Nothing is read ahead of the reader but what one read of the socket holds.
    async fn stream(&self, request: Request) -> Result<EventStream>;
}

/// Who answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelInfo {
    /// The vendor, as in `openai`.
    pub provider: String,
    /// The model, as the vendor names it.
    pub model: String,
}

/// Asks and waits for the whole reply: the fold of [`Model::stream`].
///
/// # Errors
/// Whatever the stream ends with.
pub async fn complete(model: &dyn Model, request: Request) -> Result<Response> {
    Response::collect(model.stream(request).await?).await
}
