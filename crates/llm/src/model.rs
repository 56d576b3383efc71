//! The trait that users and layers see: something that answers requests with events.

use std::fmt;
use std::future::{Future, ready};
use std::pin::Pin;

use async_trait::async_trait;
use futures_core::Stream;
use futures_util::FutureExt;
use graphbit_core::{Error, Result};

use crate::driver::Encoded;
use crate::{Event, Request, Response, structured};

/// The events of one reply. It ends after [`Event::Finished`]; an error is its last item. Dropping it closes the connection.
pub type EventStream = Pin<Box<dyn Stream<Item = Result<Event>> + Send>>;

/// A reply that is being asked for: what [`Model::stream`] and [`Model::send`] give.
///
/// An `async fn` keeps its arguments for as long as it waits, and what it made of them besides: a request twice, in every layer.
/// Where that counts, these methods are written as functions that give such a future.
pub type Opening<'a> = Pin<Box<dyn Future<Output = Result<EventStream>> + Send + 'a>>;

/// A model: a provider's, a layer around another model, or the user's own, who writes [`info`](Model::info) and
/// [`stream`](Model::stream) alone.
#[async_trait]
pub trait Model: Send + Sync {
    /// Who answers.
    fn info(&self) -> &ModelInfo;

    /// Asks, and gives the events of the reply as they arrive. Nothing is read ahead of the reader but what one read of the socket holds.
    async fn stream(&self, request: Request) -> Result<EventStream>;

    /// Makes a request ready to be sent more than once. A model that has a wire keeps the encoded bytes in place of the
    /// conversation: whoever waits for a reply then holds them once, not twice.
    ///
    /// # Errors
    /// `CONFIG` or `INVALID_INPUT` when the request can never be sent.
    fn prepare(&self, request: Request) -> Result<Prepared> {
        Ok(Prepared(Form::Plain(request)))
    }

    /// [`stream`](Model::stream) for what this same model has prepared.
    async fn send(&self, prepared: &Prepared) -> Result<EventStream> {
        match prepared.as_encoded() {
            Err(request) => self.stream(request.clone()).await,
            Ok(_) => Err(Prepared::foreign()),
        }
    }
}

/// A request that can be sent again, see [`Model::prepare`].
#[derive(Clone)]
pub struct Prepared(Form);

#[derive(Clone)]
enum Form {
    Plain(Request),
    Encoded(Encoded),
}

impl Prepared {
    pub(crate) fn encoded(encoded: Encoded) -> Self {
        Self(Form::Encoded(encoded))
    }

    pub(crate) fn foreign() -> Error {
        Error::internal("a request was sent to another model than the one that prepared it")
    }

    /// The model, where the request names one.
    pub(crate) fn model(&self) -> Option<&str> {
        self.as_encoded().map_or_else(|request| request.model.as_deref(), Encoded::model)
    }

    /// Roughly how many tokens the call may take.
    pub(crate) fn estimated_tokens(&self) -> u64 {
        self.as_encoded().map_or_else(Request::estimated_tokens, Encoded::tokens)
    }

    pub(crate) fn as_encoded(&self) -> std::result::Result<&Encoded, &Request> {
        match &self.0 {
            Form::Plain(request) => Err(request),
            Form::Encoded(encoded) => Ok(encoded),
        }
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Prepared")
    }
}

/// Sends what was prepared, which is kept as long as the model waits.
pub(crate) fn sent<'a>(model: &'a impl Model, prepared: Result<Prepared>) -> Opening<'a> {
    match prepared {
        Ok(prepared) => Box::pin(async move { model.send(&prepared).await }),
        Err(error) => failed(error),
    }
}

/// Nothing is sent.
pub(crate) fn failed(error: Error) -> Opening<'static> {
    Box::pin(ready(Err(error)))
}

/// Who answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelInfo {
    /// The vendor, as in `openai`.
    pub provider: String,
    /// The model, as the vendor names it.
    pub model: String,
}

/// Asks and waits for the whole reply: the fold of [`Model::stream`]. Where the request names the form of the answer, the text
/// fits it, and a reply that did not was repaired once.
///
/// # Errors
/// Whatever the stream ends with; `OUTPUT` when the answer does not have its form.
pub fn complete(model: &dyn Model, request: Request) -> impl Future<Output = Result<Response>> + Send {
    // Not an async function: whoever waits for the reply holds the request once, inside the model, and not here too.
    match request.output.clone() {
        None => {
            let opened = model.stream(request);
            async move { Response::collect(opened.await?).await }.left_future()
        }
        Some(output) => Box::pin(structured::complete(model, request, output)).right_future(),
    }
}

/// Asks for the reply piece by piece. Where the request names the form of the answer, a reply that does not have it ends with
/// `OUTPUT`.
///
/// # Errors
/// Whatever the model refuses.
pub fn stream(model: &dyn Model, request: Request) -> impl Future<Output = Result<EventStream>> + Send {
    let request = request.streamed();
    let output = request.output.clone();
    let opened = model.stream(request);
    async move {
        match output {
            None => opened.await,
            Some(output) => structured::stream(opened.await?, &output),
        }
    }
}

#[cfg(test)]
mockall::mock! {
    /// A model whose answers are scripted.
    pub Model {}

    #[async_trait]
    impl Model for Model {
        fn info(&self) -> &ModelInfo;
        async fn stream(&self, request: Request) -> Result<EventStream>;
    }
}
