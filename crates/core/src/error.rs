//! The one error type of every GraphBit crate: what went wrong, whether to try again, and where it happened.
//! How an error crosses into another language is the binding's business.

mod code;
mod context;
#[cfg(test)]
mod tests;

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

pub use code::{ErrorCode, Retry};
pub use context::{Context, Partial};

use crate::Diagnostic;

/// A `Result` whose error is [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error with a stable [code](ErrorCode), a message that says what to change, advice on retrying and its context.
///
/// It is one pointer wide. Its text never holds a key: whoever builds one keeps secrets out of messages and context.
///
/// ```
/// use graphbit_core::{Error, ErrorCode, Retry};
/// use std::time::Duration;
///
/// let error = Error::new(ErrorCode::RateLimited, "the vendor asked to slow down")
///     .provider("openai")
///     .status(429)
///     .retry(Retry::After(Duration::from_millis(1500)));
/// assert_eq!(error.code().as_str(), "RATE_LIMITED");
/// assert!(error.is_retryable());
/// assert_eq!(error.to_string(), "RATE_LIMITED: the vendor asked to slow down (provider openai, status 429)");
/// ```
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    code: ErrorCode,
    message: String,
    retry: Retry,
    spent: bool,
    context: Context,
    partial: Option<Box<Partial>>,
    diagnostics: Vec<Diagnostic>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error with the retry advice that is usual for its code.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            code,
            message: message.into(),
            retry: code.usual_retry(),
            spent: false,
            context: Context::default(),
            partial: None,
            diagnostics: Vec::new(),
            source: None,
        }))
    }

    /// An `INVALID_INPUT`: an argument that cannot be used; the message says which and what to pass instead.
    pub fn invalid_input(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidInput, message)
    }

    /// A `CONFIG`: options that contradict each other or name something unknown, or a missing key.
    pub fn config(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Config, message)
    }

    /// An `INVALID_GRAPH` that carries every finding.
    pub fn invalid_graph(diagnostics: Vec<Diagnostic>) -> Self {
        let list: Vec<String> = diagnostics.iter().map(ToString::to_string).collect();
        let mut error = Self::new(ErrorCode::InvalidGraph, list.join("; "));
        error.0.diagnostics = diagnostics;
        error
    }

    /// An `INTERNAL`: a state that our own code should never reach.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Internal, message)
    }

    /// The stable code.
    pub fn code(&self) -> ErrorCode {
        self.0.code
    }

    /// What happened and what to change, without code and context.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Whether a layer may try again: the advice says so and nobody above has used the attempts up already.
    pub fn is_retryable(&self) -> bool {
        !self.0.spent && !matches!(self.0.retry, Retry::Never)
    }

    /// The advice on retrying, whoever may have followed it already.
    pub fn advice(&self) -> Retry {
        self.0.retry
    }

    /// How long the server asked to wait before the next attempt.
    pub fn retry_after(&self) -> Option<Duration> {
        match self.0.retry {
            Retry::After(wait) => Some(wait),
            Retry::Never | Retry::Now => None,
        }
    }

    /// Where it happened.
    pub fn context(&self) -> &Context {
        &self.0.context
    }

    /// What had arrived before a stream or call failed.
    pub fn partial(&self) -> Option<&Partial> {
        self.0.partial.as_deref()
    }

    /// The findings of an `INVALID_GRAPH`; empty otherwise.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.0.diagnostics
    }

    /// Replaces the retry advice.
    #[must_use]
    pub fn retry(mut self, retry: Retry) -> Self {
        self.0.retry = retry;
        self
    }

    /// Marks the error as spent: a layer below has used its attempts up, so nobody above multiplies them.
    #[must_use]
    pub fn spent(mut self) -> Self {
        self.0.spent = true;
        self
    }

    /// Names the vendor.
    #[must_use]
    pub fn provider(mut self, provider: impl Into<String>) -> Self {
        self.0.context.provider = Some(provider.into());
        self
    }

    /// Names the model.
    #[must_use]
    pub fn model(mut self, model: impl Into<String>) -> Self {
        self.0.context.model = Some(model.into());
        self
    }

    /// Sets the HTTP status.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.0.context.status = Some(status);
        self
    }

    /// Sets the id that the vendor gave the request.
    #[must_use]
    pub fn request_id(mut self, id: impl Into<String>) -> Self {
        self.0.context.request_id = Some(id.into());
        self
    }

    /// Names the node, unless an inner node is named already.
    #[must_use]
    pub fn node(mut self, id: impl Into<String>) -> Self {
        self.0.context.node.get_or_insert_with(|| id.into());
        self
    }

    /// Puts the node's name behind the place of the body that the node is in, as in `each/3/summary`; the place of a body
    /// itself is what it is where no node is named.
    #[must_use]
    pub fn within(mut self, place: &str) -> Self {
        let node = &mut self.0.context.node;
        *node = Some(node.take().map_or_else(|| place.to_owned(), |inner| format!("{place}/{inner}")));
        self
    }

    /// Names the run, unless an inner run is named already.
    #[must_use]
    pub fn run(mut self, id: impl Into<String>) -> Self {
        self.0.context.run.get_or_insert_with(|| id.into());
        self
    }

    /// Names the clock of a `TIMEOUT` (`connect`, `headers`, `firstEvent`, `idle`, `total`, `node`, `run`).
    #[must_use]
    pub fn clock(mut self, clock: &'static str) -> Self {
        self.0.context.clock = Some(clock);
        self
    }

    /// Says how many attempts were made.
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.0.context.attempts = Some(attempts);
        self
    }

    /// Replaces the message, for a layer that must take something out of it.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<String>) -> Self {
        self.0.message = message.into();
        self
    }

    /// Adds what had arrived before the failure.
    #[must_use]
    pub fn with_partial(mut self, partial: Partial) -> Self {
        self.0.partial = Some(Box::new(partial));
        self
    }

    /// Adds the error that caused this one.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// The same error once more, for a second reader of one failed result; the cause is kept as its text.
    pub fn duplicate(&self) -> Self {
        let inner = &*self.0;
        Self(Box::new(Inner {
            code: inner.code,
            message: inner.message.clone(),
            retry: inner.retry,
            spent: inner.spent,
            context: inner.context.clone(),
            partial: inner.partial.clone(),
            diagnostics: inner.diagnostics.clone(),
            source: inner.source.as_ref().map(|source| source.to_string().into()),
        }))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}{}", self.0.code, self.0.message, self.0.context)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}
