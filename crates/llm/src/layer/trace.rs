//! A span for each call, named as OpenTelemetry's conventions for generative AI have it
//! (<https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/>, in development there).

mod content;
mod span;

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use async_trait::async_trait;
use futures_core::Stream;
use graphbit_core::Result;
use tracing::{Instrument, Span};

use crate::model::Prepared;
use crate::{Event, EventStream, Model, ModelInfo, Request};
use content::Output;

/// The layer. The span is open until the reply has ended or is dropped, and is the current one while the call is worked on, so
/// that spans of layers within are its children. It tells the model, the settings, the tokens and why it ended or failed
/// (`error.type` is the error's code); prompts and replies only where asked. Without a subscriber that wants it, a call goes by
/// as if the layer were not there.
pub struct Trace {
    inner: Arc<dyn Model>,
    content: bool,
    server: Option<(String, u16)>,
}

impl Trace {
    /// Traces the calls to a model.
    pub fn new(inner: Arc<dyn Model>) -> Self {
        Self { inner, content: false, server: None }
    }

    /// Also records what is asked and answered, as `gen_ai.input.messages` and `gen_ai.output.messages` (of a reply up to 1 MiB).
    /// It is written as it is, whoever may read the traces.
    #[must_use]
    pub fn content(mut self, content: bool) -> Self {
        self.content = content;
        self
    }

    /// Names the server.
    #[must_use]
    pub fn server(mut self, address: impl Into<String>, port: u16) -> Self {
        self.server = Some((address.into(), port));
        self
    }

    fn span(&self, model: Option<&str>) -> Span {
        let info = self.info();
        let span = span::open(&info.provider, model.unwrap_or(&info.model));
        if let Some((address, port)) = &self.server {
            span.record("server.address", address.as_str()).record("server.port", port);
        }
        span
    }

    async fn trace(
        &self,
        span: Span,
        opening: impl Future<Output = Result<EventStream>> + Send,
    ) -> Result<EventStream> {
        match opening.instrument(span.clone()).await {
            Ok(events) => {
                let output = self.content.then(Output::default);
                Ok(Box::pin(Traced { events, span, output }))
            }
            Err(error) => {
                span::fail(&span, &error);
                Err(error)
            }
        }
    }
}

#[async_trait]
impl Model for Trace {
    fn info(&self) -> &ModelInfo {
        self.inner.info()
    }

    async fn stream(&self, request: Request) -> Result<EventStream> {
        let span = self.span(request.model.as_deref());
        if span.is_disabled() {
            return self.inner.stream(request).await;
        }
        span::ask(&span, &request.settings);
        if self.content {
            span.record("gen_ai.input.messages", content::input(&request.messages));
        }
        self.trace(span, self.inner.stream(request)).await
    }

    fn prepare(&self, request: Request) -> Result<Prepared> {
        self.inner.prepare(request)
    }

    /// What is prepared is the wire's: of its settings and messages nothing is told.
    async fn send(&self, prepared: &Prepared) -> Result<EventStream> {
        let span = self.span(prepared.model());
        if span.is_disabled() {
            return self.inner.send(prepared).await;
        }
        self.trace(span, self.inner.send(prepared)).await
    }
}

/// A reply within its span.
struct Traced {
    // Dropped within the span, which is dropped last.
    events: EventStream,
    output: Option<Output>,
    span: Span,
}

impl Stream for Traced {
    type Item = Result<Event>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let item = {
            let _within = this.span.enter();
            ready!(this.events.as_mut().poll_next(cx))
        };
        match &item {
            Some(Ok(event)) => {
                span::tell(&this.span, event);
                if let Some(output) = &mut this.output {
                    output.add(event);
                    if let Event::Finished { reason, .. } = event {
                        this.span.record("gen_ai.output.messages", output.messages(*reason));
                    }
                }
            }
            Some(Err(error)) => span::fail(&this.span, error),
            None => {}
        }
        Poll::Ready(item)
    }
}

#[cfg(test)]
mod tests;
