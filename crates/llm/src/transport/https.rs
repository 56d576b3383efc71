//! The network, by reqwest. HTTP/1.1 only: one connection a call, so that a slow reader slows its own server and nobody else's.

use std::error::Error as StdError;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream;
use graphbit_core::{Error, ErrorCode, Result};
use http_body_util::BodyExt;

use super::{Body, Transport, roots};
use crate::config::{Config, Trust};

/// A pool of connections. It belongs to the runtime that first used it and must not outlive it.
#[derive(Debug)]
pub struct HttpTransport(reqwest::Client);

impl HttpTransport {
    /// A pool for one scheme. Certificates are only read for `https`.
    ///
    /// # Errors
    /// `CONFIG` when a certificate file or a proxy cannot be used.
    pub fn new(trust: &Trust, connect: Duration, https: bool) -> Result<Self> {
        let tls = roots::client_config(trust, https)?;
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
        let no_proxy = trust.no_proxy.as_deref().and_then(reqwest::NoProxy::from_string);
        let proxy = if https { &trust.https_proxy } else { &trust.http_proxy };
        if let Some(url) = proxy {
            let proxy = reqwest::Proxy::all(url).map_err(|_| Error::config("the proxy of the environment is not a URL"))?;
            builder = builder.proxy(proxy.no_proxy(no_proxy));
        }
        match builder.build() {
            Ok(client) => Ok(Self(client)),
            Err(error) => Err(Error::internal("the HTTP client could not be made").caused_by(error)),
        }
    }
}

#[async_trait]
impl Transport for HttpTransport {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Body>> {
        let request = reqwest::Request::try_from(request)
            .map_err(|error| Error::config("baseUrl is not a URL that can be requested").caused_by(error))?;
        let reply = self.0.execute(request).await.map_err(failure)?;
        let reply: http::Response<reqwest::Body> = reply.into();
        Ok(reply.map(body))
    }
}

fn body(body: reqwest::Body) -> Body {
    let frames = stream::unfold(body, |mut body| async move {
        let frame = body.frame().await?;
        Some((frame.map_err(failure), body))
    });
    let data = frames.filter_map(|frame| async move {
        match frame {
            Ok(frame) => frame.into_data().ok().map(Ok),
            Err(error) => Some(Err(error)),
        }
    });
    Box::pin(data)
}

/// The sentence of the innermost cause says most: "connection refused", "invalid peer certificate".
fn failure(error: reqwest::Error) -> Error {
    let error = error.without_url();
    let mut causes = Vec::new();
    let mut cause: Option<&dyn StdError> = error.source();
    while let Some(inner) = cause {
        let text = inner.to_string();
        if causes.last() != Some(&text) {
            causes.push(text);
        }
        cause = inner.source();
    }
    let why = causes.join(": ");
    if error.is_connect() && error.is_timeout() {
        return Error::new(ErrorCode::Timeout, "the connection could not be opened in time").clock("connect").caused_by(error);
    }
    let what = if error.is_connect() { "could not connect" } else { "the connection broke" };
    let help = if why.contains("certificate") {
        "; for a private root, name its file in NODE_EXTRA_CA_CERTS or SSL_CERT_FILE"
    } else if error.is_connect() {
        "; is the server running, and baseUrl right?"
    } else {
        ""
    };
    Error::new(ErrorCode::Network, format!("{what}: {why}{help}")).caused_by(error)
}

/// The pools of one runtime: one for each distinct way to connect, opened when first asked for.
#[derive(Debug, Default)]
pub struct Connections(Mutex<Vec<(Key, Arc<HttpTransport>)>>);

#[derive(Debug, PartialEq, Eq)]
struct Key {
    trust: Arc<Trust>,
    connect: Duration,
    https: bool,
}

impl Connections {
    /// The pool for a configuration.
    ///
    /// # Errors
    /// `CONFIG` when a certificate file or a proxy cannot be used.
    pub fn get(&self, config: &Config) -> Result<Arc<HttpTransport>> {
        let https = config.url().starts_with("https:");
        let key = Key { trust: Arc::clone(&config.trust), connect: config.timeouts.connect, https };
        let mut pools = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, pool)) = pools.iter().find(|(known, _)| *known == key) {
            return Ok(Arc::clone(pool));
        }
        let pool = Arc::new(HttpTransport::new(&key.trust, key.connect, https)?);
        pools.push((key, Arc::clone(&pool)));
        Ok(pool)
    }
}
