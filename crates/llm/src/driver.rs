//! Drives one protocol over one transport: the only place that awaits. It spawns no task and uses no channel, so that
//! back-pressure is the socket's and dropping a stream closes its connection.

mod asked;
mod embed;
mod reply;
#[cfg(feature = "sigv4")]
mod sigv4;
mod source;
#[cfg(test)]
mod tests;
mod whole;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::StreamExt;
use graphbit_core::{Error, ErrorCode, Result};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use tokio::time::{Instant, timeout_at};

use crate::model::{Prepared, failed};
use crate::protocol::{Emitter, ErrorReply, Protocol, RateState, Reading, Target, excerpt, request_id};
use crate::transport::{Body, Sending, Transport};
#[cfg(feature = "sigv4")]
use crate::vendor::Auth;
use crate::{Config, EventStream, Model, ModelInfo, Opening, Request};
use asked::Asked;
use reply::{Read, Reply};
pub(crate) use source::after;
use source::{Clocks, Source, by};
use whole::Whole;

/// A vendor's model behind a transport.
pub struct Client {
    config: Arc<Config>,
    transport: Arc<dyn Transport>,
    on_rate_state: Option<OnRateState>,
}

type OnRateState = Box<dyn Fn(&RateState) + Send + Sync>;

/// A request in the wire's bytes, still without credentials.
#[derive(Clone)]
pub(crate) struct Encoded {
    /// Whose it is: nobody else's key goes with it.
    config: Arc<Config>,
    request: http::Request<Bytes>,
    streamed: bool,
    /// The model, where it is not the configured one.
    model: Option<Box<str>>,
    /// Roughly how many tokens it may take.
    tokens: u64,
}

impl Encoded {
    pub(crate) fn request(&self) -> &http::Request<Bytes> {
        &self.request
    }

    pub(crate) fn model(&self) -> Option<&str> {
        self.model.as_deref()
    }

    pub(crate) fn tokens(&self) -> u64 {
        self.tokens
    }
}

/// How much of an error's body is read: explanations are short, and this one may not be one.
const ERROR_BODY_BYTES: usize = 64 << 10;
/// How much of a web page is read.
const PAGE_BYTES: usize = 16 << 10;

impl Client {
    /// Connects a configuration to a transport. Nothing is sent yet.
    pub fn new(config: Arc<Config>, transport: Arc<dyn Transport>) -> Self {
        Self { config, transport, on_rate_state: None }
    }

    /// Tells a function what the server says of its rate limits, with every reply, also a failed one, as soon as its head is
    /// there. Without one nobody reads those headers.
    #[must_use]
    pub fn on_rate_state(mut self, tell: impl Fn(&RateState) + Send + Sync + 'static) -> Self {
        self.on_rate_state = Some(Box::new(tell));
        self
    }

    fn protocol(&self) -> &'static dyn Protocol {
        self.config.wire.protocol()
    }

    fn asked(&self, model: Option<Box<str>>) -> Asked {
        Asked { config: Arc::clone(&self.config), model }
    }

    fn encode(&self, mut request: Request) -> Result<Encoded> {
        let model = request.model.take().map(String::into_boxed_str);
        let encoded = self.encode_for(model.as_deref(), &mut request);
        match encoded {
            Ok(encoded) => {
                let config = Arc::clone(&self.config);
                let tokens = request.estimated_tokens();
                Ok(Encoded { config, request: encoded, streamed: request.streamed, model, tokens })
            }
            Err(error) => Err(self.asked(model).place(error)),
        }
    }

    fn encode_for(&self, model: Option<&str>, request: &mut Request) -> Result<http::Request<Bytes>> {
        self.config.check(model)?;
        request.settings = std::mem::take(&mut request.settings).or(&self.config.settings);
        request.settle(&self.info().provider)?;
        let target = Target {
            base_url: self.config.url(),
            model: model.unwrap_or(&self.info().model),
            quirks: &self.config.vendor.quirks,
            extra: &self.config.extra,
            urls: Some(&self.config.urls),
        };
        self.protocol().encode(&target, request)
    }

    /// Credentials and the user's headers come last: nothing that is kept or printed has them.
    fn sign(&self, request: &mut http::Request<Bytes>) -> Result<()> {
        let auth = self.config.vendor.auth;
        if let (Some(key), Some(header)) = (&self.config.key, auth.header()) {
            let value = key.header.clone().ok_or_else(|| {
                Error::config("the API key has characters that a header cannot hold; was it pasted whole?")
            })?;
            request.headers_mut().insert(header, value);
        }
        for (name, value) in &self.config.headers {
            request.headers_mut().insert(name.clone(), value.clone());
        }
        #[cfg(feature = "sigv4")]
        if let (Auth::BearerOrAws(service), Some(keys)) = (auth, &self.config.aws)
            && !request.headers().contains_key(http::header::AUTHORIZATION)
        {
            let scope = sigv4::Scope { region: self.config.region(), service };
            return sigv4::sign(request, keys, &scope, std::time::SystemTime::now());
        }
        Ok(())
    }

    /// What waits for the reply holds nothing of the request but what the transport has not sent.
    fn open(&self, encoded: Encoded) -> impl Future<Output = Result<EventStream>> + Send {
        let Encoded { config, request, streamed, model, .. } = encoded;
        let (asked, sending) = (Asked { config, model }, self.begin(request));
        async move {
            match self.answer(sending).await {
                Ok((head, body, clocks)) => {
                    let limits = &self.config.limits;
                    let read = if streamed && !is(&head.headers, "application/json") {
                        Read::Streamed(Box::new(Reading::new(self.protocol(), limits.event_bytes)))
                    } else {
                        let whole = Whole::new(limits.body_bytes, length(&head.headers));
                        Read::Whole(self.protocol(), whole.map_err(|error| asked.place(error))?)
                    };
                    // A body whose length is known is on its way; any other may take long, and must not keep the head for that.
                    let request_id = match (request_id(&head.headers), length(&head.headers)) {
                        (Some(id), Some(_)) => Some(id.clone()),
                        (id, _) => id.and_then(|id| HeaderValue::from_bytes(id.as_bytes()).ok()),
                    };
                    let reply = Reply::new(asked, request_id, Source::new(body, clocks), read);
                    Ok(Box::pin(reply) as EventStream)
                }
                Err(error) => Err(asked.place(error)),
            }
        }
    }

    /// Begins to send. Nothing waits before the future is polled.
    fn begin(&self, mut request: http::Request<Bytes>) -> Result<Sending<'_>> {
        self.sign(&mut request)?;
        Ok(self.transport.send(request))
    }

    /// A reply that is a success, at least by its head.
    async fn answer(&self, sending: Result<Sending<'_>>) -> Result<(http::response::Parts, Body, Clocks)> {
        let (sending, clocks) = (sending?, Clocks::start(self.config.timeouts));
        let (head, body) = by(clocks.headers(), sending).await?.into_parts();
        if let Some(tell) = &self.on_rate_state
            && let Some(state) = RateState::from_headers(&head.headers)
        {
            tell(&state);
        }
        if head.status.is_success() && !is(&head.headers, "text/html") {
            return Ok((head, body, clocks));
        }
        let most = if head.status.is_success() { PAGE_BYTES } else { ERROR_BODY_BYTES };
        let body = beginning(body, clocks.first_event().0, most).await;
        // Before anything of it is cut out for a message, which could cut a key in two.
        let body = self.config.redact(&String::from_utf8_lossy(&body)).map_or(body, String::into_bytes);
        Err(if head.status.is_success() {
            let message = format!(
                "the server answered with a web page; is baseUrl right? It begins: {}",
                excerpt(&body)
            );
            Error::new(ErrorCode::Protocol, message).status(head.status.as_u16())
        } else if head.status.is_redirection() {
            let message = "the server redirects elsewhere, which is not followed with a key; set baseUrl to the final address";
            Error::new(ErrorCode::Rejected, message).status(head.status.as_u16())
        } else {
            let reply = ErrorReply { status: head.status, headers: &head.headers, body: &body };
            self.protocol().explain(&reply)
        })
    }
}

#[async_trait]
impl Model for Client {
    fn info(&self) -> &ModelInfo {
        self.config.info()
    }

    fn stream<'s, 'a>(&'s self, request: Request) -> Opening<'a>
    where
        's: 'a,
        Self: 'a,
    {
        match self.encode(request) {
            Ok(encoded) => Box::pin(self.open(encoded)),
            Err(error) => failed(error),
        }
    }

    fn prepare(&self, request: Request) -> Result<Prepared> {
        self.encode(request).map(Prepared::encoded)
    }

    fn send<'s, 'p, 'a>(&'s self, prepared: &'p Prepared) -> Opening<'a>
    where
        's: 'a,
        'p: 'a,
        Self: 'a,
    {
        match prepared.as_encoded() {
            Ok(encoded) if Arc::ptr_eq(&encoded.config, &self.config) => Box::pin(self.open(encoded.clone())),
            Ok(_) => failed(Prepared::foreign()),
            Err(request) => self.stream(request.clone()),
        }
    }
}

/// Whether the content is of this type, given in lower case.
fn is(headers: &HeaderMap, kind: &str) -> bool {
    let found = headers.get(CONTENT_TYPE).and_then(|value| value.as_bytes().get(..kind.len()));
    found.is_some_and(|found| found.eq_ignore_ascii_case(kind.as_bytes()))
}

fn length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
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

/// What arrives of a body by the deadline, up to `most` bytes: enough to explain a failure, whatever the body does. A body
/// that ends within that leaves its connection to the next call.
async fn beginning(mut body: Body, deadline: Instant, most: usize) -> Vec<u8> {
    let deadline = deadline.min(after(Instant::now(), Duration::from_secs(5)));
    let mut bytes = Vec::new();
    while bytes.len() < most
        && let Ok(Some(Ok(chunk))) = timeout_at(deadline, body.next()).await
    {
        bytes.extend_from_slice(chunk.get(..chunk.len().min(most - bytes.len())).unwrap_or(&chunk));
    }
    bytes
}

/// A whole body decoded into an emitter.
fn decode(protocol: &dyn Protocol, body: &[u8], out: &mut Emitter) -> Result<()> {
    out.expect_whole();
    protocol.decode(body, out)?;
    out.close();
    Ok(())
}
