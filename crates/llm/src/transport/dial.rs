//! How connections are opened: to the server, or to the proxy before it, with TLS where the scheme asks for it.

use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use graphbit_core::{Error, Result};
use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use tokio_rustls::TlsConnector;
use tower_service::Service;

use super::exchange::exchange;
use super::head;
use super::link::{Link, Outgoing};
use super::place::{Place, address};
use crate::config::{Trust, is_complete, is_https};

/// The most that a connection may keep what was sent unacknowledged: then the other side is gone.
#[cfg(any(target_os = "linux", target_os = "android", target_os = "fuchsia"))]
const UNACKNOWLEDGED: Duration = Duration::from_secs(30);
/// After so much silence a connection is asked whether it is still there, and given up when it does not answer three times.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Why there is no connection.
pub(super) type Why = Box<dyn StdError + Send + Sync>;

/// Opens connections of one scheme.
pub(super) struct Dialer {
    tcp: HttpConnector,
    tls: Arc<ClientConfig>,
    proxies: Matcher,
    https: bool,
    /// The variable that names the proxy, where there is one.
    pub(super) variable: Option<&'static str>,
}

impl Dialer {
    /// # Errors
    /// `CONFIG` when a proxy cannot be used.
    pub(super) fn new(tls: ClientConfig, trust: &Trust, connect: Duration, https: bool) -> Result<Self> {
        let mut tcp = HttpConnector::new();
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(connect)); // which it shares out among the addresses of a name
        #[cfg(any(target_os = "linux", target_os = "android", target_os = "fuchsia"))]
        tcp.set_tcp_user_timeout(Some(UNACKNOWLEDGED));
        tcp.set_keepalive(Some(KEEP_ALIVE));
        tcp.set_keepalive_interval(Some(KEEP_ALIVE));
        tcp.set_keepalive_retries(Some(3));
        let (url, variable) = match https {
            true => (&trust.https_proxy, "HTTPS_PROXY"),
            false => (&trust.http_proxy, "HTTP_PROXY"),
        };
        // The matcher takes a star for names only, not for addresses.
        let nowhere = trust.no_proxy.iter().flat_map(|hosts| hosts.split(',')).any(|host| host.trim() == "*");
        let url = url.as_deref().filter(|_| !nowhere);
        let mut proxies = Matcher::builder();
        if let Some(url) = url {
            let url = proxy(url, variable)?;
            proxies = proxies.http(url.clone()).https(url).no(trust.no_proxy.clone().unwrap_or_default());
        }
        Ok(Self { tcp, tls: Arc::new(tls), proxies: proxies.build(), https, variable: url.map(|_| variable) })
    }

    /// Where requests to a URL go.
    ///
    /// # Errors
    /// `CONFIG` where it cannot be requested, or not by this scheme.
    pub(super) fn place(&self, uri: &Uri) -> Result<Place> {
        let place = Place::of(uri, &self.proxies)
            .ok_or_else(|| Error::config("baseUrl is not a URL that can be requested"))?;
        if place.is_https() == self.https {
            return Ok(place);
        }
        let scheme = if self.https { "https" } else { "http" };
        Err(Error::config(format!(
            "these connections are for {scheme} URLs: others need connections of their own"
        )))
    }

    /// Opens a connection.
    pub(super) async fn dial(&self, place: &Place) -> Result<Link, Why> {
        let Some(proxy) = &place.proxy else {
            let link = self.connect(&place.address).await?;
            return if place.is_https() { self.secure(link, &place.host).await } else { Ok(link) };
        };
        let mut link = self.connect(&address(proxy.uri())).await?;
        if proxy.uri().scheme_str() == Some("https") {
            link = self.secure(link, proxy.uri().host().unwrap_or_default()).await?;
        }
        if !place.is_https() {
            return Ok(link);
        }
        tunnel(&mut link, proxy, &place.address).await?;
        self.secure(link, &place.host).await
    }

    async fn connect(&self, address: &str) -> Result<Link, Why> {
        let to = Uri::builder().scheme("http").authority(address).path_and_query("/").build()?;
        let mut tcp = self.tcp.clone();
        std::future::poll_fn(|cx| tcp.poll_ready(cx)).await?;
        Ok(Link::plain(tcp.call(to).await?.into_inner()))
    }

    async fn secure(&self, link: Link, host: &str) -> Result<Link, Why> {
        let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned())?;
        Ok(Link::within(TlsConnector::from(Arc::clone(&self.tls)).connect(name, link.into_io()).await?))
    }
}

/// Whether connections of a scheme need certificates: their own, or those to a proxy.
pub(super) fn needs_roots(trust: &Trust, https: bool) -> bool {
    https || trust.http_proxy.as_deref().is_some_and(is_https)
}

/// Has a proxy connect us with the server.
async fn tunnel(link: &mut Link, proxy: &Intercept, address: &str) -> Result<(), Why> {
    let ask = Outgoing::new(head::tunnel(address, proxy.basic_auth()), Bytes::new());
    let answer = exchange(link, ask).await?;
    match answer.head.parts.status {
        status if !status.is_success() => Err(format!("the proxy refused the tunnel: {status}").into()),
        _ if !answer.early.is_empty() || answer.unsent.is_some() => {
            Err("the proxy said something before the server did".into())
        }
        _ => Ok(()),
    }
}

/// The URL of a proxy. Says what is wrong with it without repeating it: it may hold a password.
fn proxy(url: &str, variable: &str) -> Result<String> {
    let url = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
    let scheme = url.split("://").next().unwrap_or_default().to_ascii_lowercase();
    if !matches!(scheme.as_str(), "http" | "https") {
        let message = format!(
            "{variable} (or ALL_PROXY) names a proxy that speaks {scheme}: use one that speaks http or https"
        );
        return Err(Error::config(message));
    }
    let url = escaped(&url);
    if url.parse::<Uri>().is_ok_and(|uri| is_complete(&uri)) {
        return Ok(url);
    }
    Err(Error::config(format!(
        "{variable} (or ALL_PROXY) is not a URL of the form http://[user:password@]host:port"
    )))
}

/// With the user and the password of a URL as they have to be written in one: they may be given as they are.
fn escaped(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (authority, path) = rest.find('/').and_then(|at| rest.split_at_checked(at)).unwrap_or((rest, ""));
    let Some((user, host)) = authority.rsplit_once('@') else { return url.to_owned() };
    let mut out = format!("{scheme}://");
    for byte in user.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => out.push(char::from(byte)),
            _ if b"-._~!$&'()*+,;=:%".contains(&byte) => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    format!("{out}@{host}{path}")
}
