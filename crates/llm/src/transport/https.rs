//! The network, by reqwest. HTTP/1.1 only: one connection a call, so that a slow reader slows its own server and nobody else's.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_core::Stream;
use graphbit_core::{Error, PolledApart, Result, apart, is_kept_apart};
use http_body::Body as _;
use http_body_util::Full;
use rustls::ClientConfig;

use super::calls::{Call, Calls};
use super::failure::Failures;
use super::{Body, Transport, roots};
use crate::config::Trust;

/// A pool of connections. It belongs to the runtime that first used it and must not outlive it.
pub struct HttpTransport {
    client: reqwest::Client,
    failures: Failures,
    calls: Arc<Calls>,
}

impl HttpTransport {
    /// A pool for one scheme. Certificates are only read for `https`.
    ///
    /// # Errors
    /// `CONFIG` when a certificate file or a proxy cannot be used.
    pub fn new(trust: &Trust, connect: Duration, https: bool) -> Result<Self> {
        Self::with_tls(roots::client_config(trust, https)?, trust, connect, https)
    }

    pub(super) fn with_tls(tls: ClientConfig, trust: &Trust, connect: Duration, https: bool) -> Result<Self> {
        let mut builder = reqwest::Client::builder()
            .no_proxy() // what the environment says is in `trust`
            .redirect(reqwest::redirect::Policy::none()) // a key must not follow one
            .retry(reqwest::retry::never())
            .http1_only()
            .tcp_nodelay(true)
            .connect_timeout(connect)
            .pool_idle_timeout(Duration::from_secs(30))
            .user_agent(concat!("graphbit/", env!("CARGO_PKG_VERSION")))
            .tls_backend_preconfigured(tls);
        let (url, variable) = match https {
            true => (&trust.https_proxy, "HTTPS_PROXY"),
            false => (&trust.http_proxy, "HTTP_PROXY"),
        };
        // The client takes a star for names only, not for addresses.
        let nowhere = trust.no_proxy.iter().flat_map(|hosts| hosts.split(',')).any(|host| host.trim() == "*");
        let url = url.as_deref().filter(|_| !nowhere);
        if let Some(url) = url {
            let except = trust.no_proxy.as_deref().and_then(reqwest::NoProxy::from_string);
            builder = builder.proxy(proxy(url, variable)?.no_proxy(except));
        }
        let failures = Failures { proxy: url.is_some().then_some(variable) };
        match builder.build() {
            Ok(client) => Ok(Self { client, failures, calls: Arc::default() }),
            Err(error) => Err(Error::internal("the HTTP client could not be made").caused_by(error)),
        }
    }
}

impl HttpTransport {
    /// The most calls there ever were at once.
    pub(super) fn most_calls(&self) -> usize {
        self.calls.most()
    }
}

/// Says what is wrong with a proxy without repeating it: it may hold a password.
fn proxy(url: &str, variable: &str) -> Result<reqwest::Proxy> {
    let url = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
    let scheme = url.split("://").next().unwrap_or_default().to_ascii_lowercase();
    if !matches!(scheme.as_str(), "http" | "https") {
        let message = format!(
            "{variable} (or ALL_PROXY) names a proxy that speaks {scheme}: use one that speaks http or https"
        );
        return Err(Error::config(message));
    }
    reqwest::Proxy::all(url).map_err(|_| {
        Error::config(format!(
            "{variable} (or ALL_PROXY) is not a URL of the form http://[user:password@]host:port"
        ))
    })
}

impl fmt::Debug for HttpTransport {
    /// The client's own would print its proxies.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HttpTransport")
    }
}

#[async_trait]
impl Transport for HttpTransport {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Body>> {
        let call = self.calls.begin();
        // Wrapped, or the client would keep the bytes for redirects and retries, which it never makes.
        let request = request.map(|bytes| reqwest::Body::wrap(Full::new(bytes)));
        let request = reqwest::Request::try_from(request)
            .map_err(|error| Error::config("baseUrl is not a URL that can be requested").caused_by(error))?;
        // A connection that is opened for one call serves others after it, and remembers its address.
        let reply = PolledApart::new(|| self.client.execute(request)).await;
        let reply = reply.map_err(|error| self.failures.sending(error))?;
        let reply: http::Response<reqwest::Body> = reply.into();
        let failures = self.failures;
        Ok(reply.map(|body| -> Body { Box::pin(Data { body, failures, _call: call }) }))
    }
}

/// The data of a body, without its trailers.
struct Data {
    body: reqwest::Body,
    failures: Failures,
    _call: Call,
}

impl Stream for Data {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let frame = ready!(apart(|| Pin::new(&mut self.body).poll_frame(cx)));
            match frame.map(|frame| frame.map(http_body::Frame::into_data)) {
                None => return Poll::Ready(None),
                Some(Ok(Ok(bytes))) => return Poll::Ready(Some(Ok(handed_over(bytes)))),
                Some(Ok(Err(_trailers))) => {}
                Some(Err(error)) => return Poll::Ready(Some(Err(self.failures.reading(error)))),
            }
        }
    }
}

/// What was received, as the reader's own: a part of the connection's buffer would keep all of it, and be nobody's.
fn handed_over(bytes: Bytes) -> Bytes {
    if is_kept_apart() { Bytes::copy_from_slice(&bytes) } else { bytes }
}
