//! Drives one protocol over one transport: the only place that awaits. It spawns no task and uses no channel, so that
//! back-pressure is the socket's and dropping a stream closes its connection.

mod reply;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use graphbit_core::{Error, ErrorCode, Result};
use http::HeaderValue;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use tokio::time::{Instant, timeout_at};

use crate::protocol::{Emitter, ErrorReply, Protocol, Target, excerpt};
use crate::transport::{Body, Transport};
use crate::{Config, EventStream, Model, ModelInfo, Request, Secret};
use reply::{Clocks, Reply};

/// A vendor's model behind a transport.
pub struct Client {
    config: Arc<Config>,
    transport: Arc<dyn Transport>,
}

/// How much of an error's body is read: explanations are short, and this one may not be one.
const ERROR_BODY_BYTES: usize = 64 << 10;

impl Client {
    /// Connects a configuration to a transport. Nothing is sent yet.
    pub fn new(config: Arc<Config>, transport: Arc<dyn Transport>) -> Self {
        Self { config, transport }
    }

    fn protocol(&self) -> &'static dyn Protocol {
        self.config.vendor.wire.protocol()
    }

    fn encode(&self, mut request: Request) -> Result<http::Request<bytes::Bytes>> {
        let own_model = request.model.take();
        request.settings = request.settings.or(&self.config.settings);
        let target = Target {
            base_url: self.config.url(),
            model: own_model.as_deref().unwrap_or(&self.info().model),
            quirks: &self.config.vendor.quirks,
            extra: &self.config.extra,
        };
        let mut encoded = self.protocol().encode(&target, &request)?;
        if let Some(key) = &self.config.key {
            encoded.headers_mut().insert(AUTHORIZATION, bearer(key)?);
        }
        for (name, value) in &self.config.headers {
            encoded.headers_mut().insert(name.clone(), value.clone());
        }
        Ok(encoded)
    }

    async fn open(&self, request: Request) -> Result<EventStream> {
        self.config.check(request.model.as_deref())?;
        let streamed = request.streamed;
        let request = self.encode(request)?;
        let clocks = Clocks::start(self.config.timeouts);
        let (deadline, clock) = clocks.headers();
        let sent = timeout_at(deadline, self.transport.send(request)).await;
        let reply = sent.map_err(|_| late(clock))??;
        let (head, body) = reply.into_parts();
        let html = head.headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
        if !head.status.is_success() {
            let body = beginning(body, clocks.first_event().0, ERROR_BODY_BYTES).await;
            let reply = ErrorReply { status: head.status, headers: &head.headers, body: &body };
            return Err(match head.status.is_redirection() {
                true => Error::new(
                    ErrorCode::Rejected,
                    "the server redirects elsewhere, which is not followed with a key; set baseUrl to the final address",
                )
                .status(head.status.as_u16()),
                false => self.protocol().explain(&reply),
            });
        }
        if html {
            let body = beginning(body, clocks.first_event().0, 1024).await;
            return Err(Error::new(
                ErrorCode::Protocol,
                format!("the server answered with a web page; is baseUrl right? It begins: {}", excerpt(&body)),
            )
            .status(head.status.as_u16()));
        }
        let is_json = head.headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
        let whole = !streamed || is_json;
        let reply = Reply::new(Arc::clone(&self.config), self.protocol(), body, clocks, whole);
        Ok(reply.into_stream())
    }
}

#[async_trait]
impl Model for Client {
    fn info(&self) -> &ModelInfo {
        self.config.info()
    }

    async fn stream(&self, request: Request) -> Result<EventStream> {
        self.open(request).await.map_err(|error| place(&self.config, error))
    }
}

fn bearer(key: &Secret) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(&format!("Bearer {}", key.expose()))
        .map_err(|_| Error::config("the API key has characters that a header cannot hold; was it pasted whole?"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// Says who failed, and takes out a key that the server may have echoed.
fn place(config: &Config, error: Error) -> Error {
    let info = config.info();
    let error = error.provider(info.provider.as_str()).model(info.model.as_str());
    let mut secrets: Vec<Secret> = config.key.iter().cloned().collect();
    secrets.extend(config.headers.iter().filter_map(|(_, value)| Some(Secret::new(value.to_str().ok()?))));
    secrets.iter().fold(error, |error, secret| match secret.redact(error.message()) {
        Some(message) => error.with_message(message),
        None => error,
    })
}

fn late(clock: &'static str) -> Error {
    let what = match clock {
        "headers" => "the server did not answer in time",
        "firstEvent" => "the first event did not arrive in time",
        "idle" => "nothing arrived for too long",
        _ => "the call took too long",
    };
    Error::new(ErrorCode::Timeout, format!("{what}; raise timeouts.{clock} if that is expected")).clock(clock)
}

/// What arrives of a body by the deadline, up to `most` bytes: enough to explain a failure, whatever the body does.
async fn beginning(mut body: Body, deadline: Instant, most: usize) -> Vec<u8> {
    use futures_util::StreamExt;
    let deadline = deadline.min(Instant::now() + Duration::from_secs(5));
    let mut bytes = Vec::new();
    while bytes.len() < most
        && let Ok(Some(Ok(chunk))) = timeout_at(deadline, body.next()).await
    {
        bytes.extend_from_slice(chunk.get(..chunk.len().min(most - bytes.len())).unwrap_or(&chunk));
    }
    bytes
}

/// A fresh emitter with the whole body decoded into it.
fn decode(protocol: &dyn Protocol, body: &[u8], out: &mut Emitter) -> Result<()> {
    let decoded = protocol.decode(body, out);
    out.close();
    decoded
}
