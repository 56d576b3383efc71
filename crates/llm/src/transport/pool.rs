//! The network: HTTP/1.1 over connections that are kept for the next call. One connection a call, so that a slow reader slows its
//! own server and nobody else's.
//!
//! Opening a connection (names, both families of addresses, proxies, TLS) is the business of libraries. What is said on it is
//! ours, because a general client keeps some 25 KB for each call that waits, which is most of what such a call costs: here it
//! keeps nothing.

use std::fmt;
use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use graphbit_core::{PolledApart, Result, apart};
use rustls::ClientConfig;

use super::calls::Calls;
use super::dial::{Dialer, needs_roots};
use super::exchange::{Incoming, exchange};
use super::failure::{Failures, late};
use super::head;
use super::link::{Link, Outgoing};
use super::place::Place;
use super::places::Places;
use super::{Body, Sending, Transport, roots};
use crate::config::Trust;

/// A pool of connections. It belongs to the runtime that first used it and must not outlive it.
pub struct HttpTransport {
    dialer: Dialer,
    connect: Duration,
    failures: Failures,
    places: Arc<Places>,
    calls: Arc<Calls>,
}

impl HttpTransport {
    /// A pool for one scheme. Certificates are only read for `https`.
    ///
    /// # Errors
    /// `CONFIG` when a certificate file or a proxy cannot be used.
    pub fn new(trust: &Trust, connect: Duration, https: bool) -> Result<Self> {
        Self::with_tls(roots::client_config(trust, needs_roots(trust, https))?, trust, connect, https)
    }

    pub(super) fn with_tls(tls: ClientConfig, trust: &Trust, connect: Duration, https: bool) -> Result<Self> {
        let dialer = Dialer::new(tls, trust, connect, https)?;
        let failures = Failures { proxy: dialer.variable };
        Ok(Self { dialer, connect, failures, places: Arc::default(), calls: Arc::default() })
    }

    /// The most calls there ever were at once.
    pub(super) fn most_calls(&self) -> usize {
        self.calls.most()
    }

    /// Where a request goes: that is there for all later calls.
    fn place(&self, uri: &http::Uri) -> Result<Arc<Place>> {
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        match self.places.get(uri) {
            Some(place) => Ok(place),
            None => apart(|| Ok(self.places.add(authority, self.dialer.place(uri)?))),
        }
    }

    /// A connection that has waited for its next call, or a new one.
    async fn link(&self, place: &Place) -> Result<Link> {
        if let Some(link) = place.idle.take() {
            return Ok(link);
        }
        // A connection that is opened for one call serves others after it.
        let dialing = PolledApart::new(|| tokio::time::timeout(self.connect, self.dialer.dial(place)));
        match dialing.await {
            Ok(dialed) => dialed.map_err(|why| self.failures.connecting(why)),
            Err(_) => Err(late()),
        }
    }
}

impl fmt::Debug for HttpTransport {
    /// Without its proxies, which may hold passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HttpTransport")
    }
}

#[async_trait]
impl Transport for HttpTransport {
    /// Not an `async fn`: what waits for the reply holds the message only until it is sent.
    fn send<'s, 'a>(&'s self, request: http::Request<Bytes>) -> Sending<'a>
    where
        's: 'a,
        Self: 'a,
    {
        let place = match self.place(request.uri()) {
            Ok(place) => place,
            Err(error) => return Box::pin(ready(Err(error))),
        };
        let call = self.calls.begin();
        let wants_close = head::wants_close(request.headers());
        let head = head::written(&request, &place.name, place.forwarder());
        let message = Outgoing::new(head, request.into_body());
        Box::pin(async move {
            let mut link = self.link(&place).await?;
            let answer = exchange(&mut link, message).await.map_err(|error| self.failures.sending(error))?;
            let kept = (!wants_close).then(|| (Arc::clone(&self.places), place));
            let reply = Incoming::new(link, answer, kept, self.failures, call);
            Ok(reply.map(|body| -> Body { Box::pin(body) }))
        })
    }
}
