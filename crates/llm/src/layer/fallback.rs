//! Asks other models, in order, when the first one cannot answer.

use std::sync::Arc;

use async_trait::async_trait;
use graphbit_core::{Error, ErrorCode, Result};

use super::first::first;
use crate::{EventStream, Model, ModelInfo, Request};

/// The layer. Another model is asked only while nothing of a reply was handed on: once the first event has come, its model's
/// failure is the call's. The request is kept until then, beside the bytes that the model asked sends.
///
/// A model that a request names is the first one's; the others are asked with their own.
pub struct Fallback {
    first: Arc<dyn Model>,
    others: Vec<Arc<dyn Model>>,
    codes: Vec<ErrorCode>,
}

impl Fallback {
    /// What leads to the next model unless told otherwise: the endpoint is down, busy, out of credit or cut off from us, or the
    /// prompt is too long for a model, which may fit another one. A wrong key and a request that no vendor takes are for their
    /// owner to see; what a filter withholds is not to be got elsewhere without being asked for.
    pub const CODES: [ErrorCode; 7] = [
        ErrorCode::Unavailable,
        ErrorCode::RateLimited,
        ErrorCode::Quota,
        ErrorCode::Network,
        ErrorCode::Timeout,
        ErrorCode::CircuitOpen,
        ErrorCode::ContextLength,
    ];

    /// Asks `first`, then each of the others.
    pub fn new(first: Arc<dyn Model>, others: Vec<Arc<dyn Model>>) -> Self {
        Self { first, others, codes: Self::CODES.to_vec() }
    }

    /// Replaces the codes that lead to the next model. What the caller cancelled is over, whatever is chosen.
    #[must_use]
    pub fn codes(mut self, codes: impl IntoIterator<Item = ErrorCode>) -> Self {
        self.codes = codes.into_iter().filter(|code| *code != ErrorCode::Cancelled).collect();
        self
    }

    /// The last error with the models that were asked.
    fn told(&self, error: Error, asked: usize) -> Error {
        if asked < 2 {
            return error;
        }
        let models = std::iter::once(&self.first).chain(&self.others).take(asked).map(|model| model.info());
        let names: Vec<String> = models.map(|info| format!("{}/{}", info.provider, info.model)).collect();
        let message = format!("{}; {asked} models were tried: {}", error.message(), names.join(", "));
        error.with_message(message)
    }
}

#[async_trait]
impl Model for Fallback {
    fn info(&self) -> &ModelInfo {
        self.first.info()
    }

    async fn stream(&self, mut request: Request) -> Result<EventStream> {
        let mut asked = 1;
        let mut model = &self.first;
        for next in &self.others {
            match first(model.stream(request.clone()).await).await {
                Err(error) if self.codes.contains(&error.code()) => {}
                outcome => return outcome.map_err(|error| self.told(error, asked)),
            }
            (model, request.model) = (next, None);
            asked += 1;
        }
        first(model.stream(request).await).await.map_err(|error| self.told(error, asked))
    }

    // Each model has its own wire: a prepared request stays a request.
}

#[cfg(test)]
mod tests;
