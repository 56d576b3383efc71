//! Where requests go, and by which way: found out once for each server, not at each call.

use http::{HeaderValue, Uri};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};

use super::idle::Idle;
use crate::config::is_complete;

/// A server, and the proxy before it.
pub(super) struct Place {
    https: bool,
    /// Its host, as certificates name it.
    pub(super) host: Box<str>,
    /// Its host and port.
    pub(super) address: Box<str>,
    /// How requests name it: with the port, unless it is the scheme's own.
    pub(super) name: Box<str>,
    pub(super) proxy: Option<Intercept>,
    /// Connections that wait for their next call.
    pub(super) idle: Idle,
}

impl Place {
    /// Where requests to a URL go; `None` where it cannot be requested.
    pub(super) fn of(uri: &Uri, proxies: &Matcher) -> Option<Self> {
        let https = is_https(uri)?;
        let host = uri.host().filter(|_| is_complete(uri))?;
        Some(Self {
            host: host.into(),
            https,
            address: address(uri).into(),
            name: name(uri).into(),
            proxy: proxies.intercept(uri),
            idle: Idle::default(),
        })
    }

    /// Whether it is reached by TLS.
    pub(super) fn is_https(&self) -> bool {
        self.https
    }

    /// Whether a URL with this authority is reached as this place is.
    pub(super) fn is_of(&self, uri: &Uri) -> bool {
        is_https(uri) == Some(self.https)
    }

    /// Who a proxy should know that it is, where requests are forwarded by one.
    pub(super) fn forwarder(&self) -> Option<Option<&HeaderValue>> {
        self.proxy.as_ref().filter(|_| !self.https).map(Intercept::basic_auth)
    }
}

fn is_https(uri: &Uri) -> Option<bool> {
    match uri.scheme_str()? {
        "http" => Some(false),
        "https" => Some(true),
        _ => None,
    }
}

/// The host and port of a URL.
pub(super) fn address(uri: &Uri) -> String {
    let usual = if uri.scheme_str() == Some("https") { "443" } else { "80" };
    let (host, port) = (uri.host().unwrap_or_default(), uri.port());
    [host, ":", port.as_ref().map_or(usual, |port| port.as_str())].concat()
}

/// The host of a URL: with the port, unless it is the scheme's own.
pub(super) fn name(uri: &Uri) -> String {
    let own = if uri.scheme_str() == Some("https") { 443 } else { 80 };
    let host = uri.host().unwrap_or_default();
    match uri.port_u16().filter(|port| *port != own) {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}
