//! Base URLs: whether they can be used, and what of them may be printed.

use http::Uri;

/// The port of a vendor's URL with its colon, or nothing.
pub(super) fn port(url: &str) -> &str {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = host.split_once('/').map_or(host, |(host, _)| host);
    host.find(':').and_then(|at| host.get(at..)).unwrap_or("")
}

/// Why a base URL cannot be used.
pub(super) fn unusable(url: &str) -> Option<String> {
    let shown = printable(url);
    let Some(uri) = url.parse::<Uri>().ok().filter(|uri| uri.host().is_some_and(|host| !host.is_empty()))
    else {
        return Some(format!("baseUrl {shown:?} is not an http or https URL"));
    };
    if !matches!(uri.scheme_str(), Some("http" | "https")) {
        return Some(format!("baseUrl {shown:?} is not an http or https URL"));
    }
    if !is_complete(&uri) {
        return Some(format!("baseUrl {shown:?} has a port that is none: it is a number from 1 to 65535"));
    }
    let named = uri.authority().is_some_and(|authority| authority.as_str().contains('@'));
    named.then(|| format!("baseUrl {shown:?} holds a user's name: URLs are printed, so pass credentials as `apiKey` or a header"))
}

/// A URL without user, password and query.
pub(super) fn printable(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let (scheme, rest) = url.split_once("://").map_or(("", url), |(scheme, rest)| (scheme, rest));
    let (host, path) = rest.find('/').and_then(|at| rest.split_at_checked(at)).unwrap_or((rest, ""));
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    if scheme.is_empty() { format!("{host}{path}") } else { format!("{scheme}://{host}{path}") }
}

/// Whether a URL has a host, and a port that is one, or none.
pub(crate) fn is_complete(uri: &Uri) -> bool {
    let Some(authority) = uri.authority() else { return false };
    let behind_host = authority.as_str().rsplit([']', '@']).next().unwrap_or_default();
    let port = behind_host.rsplit_once(':').map_or("", |(_, port)| port);
    !authority.host().is_empty() && (port.is_empty() || uri.port_u16().is_some_and(|port| port > 0))
}

/// Whether what a URL names is reached by TLS.
pub(crate) fn is_https(url: &str) -> bool {
    url.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https:"))
}
