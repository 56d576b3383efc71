//! Signs a request with the access keys of an AWS account: Signature Version 4, in the `Authorization` header.
//! Source: AWS Identity and Access Management user guide, "AWS Signature Version 4 for API requests".

use std::fmt::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use graphbit_core::{Error, Result};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Uri};
use ring::{digest, hmac};

use crate::config::AccessKeys;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const DATE: HeaderName = HeaderName::from_static("x-amz-date");
const TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");

/// What a signature is good for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope<'a> {
    pub(super) region: &'a str,
    pub(super) service: &'a str,
}

/// Adds the date, the session's token and the signature. The signature covers the method, the URL, the body, the host, the
/// type of the content, and whatever is for AWS; other headers may change on their way.
///
/// # Errors
/// `CONFIG` for keys that a header cannot hold. They are not repeated.
pub(super) fn sign(
    request: &mut http::Request<Bytes>,
    keys: &AccessKeys,
    scope: &Scope<'_>,
    now: SystemTime,
) -> Result<()> {
    let time = timestamp(now);
    let day = time.get(..8).unwrap_or(&time);
    request.headers_mut().insert(DATE, value(&time)?);
    if let Some(token) = &keys.session {
        let mut token = value(token.expose())?;
        token.set_sensitive(true);
        request.headers_mut().insert(TOKEN, token);
    }
    let (canonical, signed) = canonical(request);
    let scoped = format!("{day}/{}/{}/aws4_request", scope.region, scope.service);
    let to_sign = format!("{ALGORITHM}\n{time}\n{scoped}\n{}", hash(canonical.as_bytes()));
    let first = format!("AWS4{}", keys.secret.expose());
    let key = [day, scope.region, scope.service, "aws4_request"]
        .iter()
        .fold(hmac::Key::new(hmac::HMAC_SHA256, first.as_bytes()), |key, part| {
            hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&key, part.as_bytes()).as_ref())
        });
    let signature = hex(hmac::sign(&key, to_sign.as_bytes()).as_ref());
    let authorization =
        format!("{ALGORITHM} Credential={}/{scoped}, SignedHeaders={signed}, Signature={signature}", keys.id);
    let mut authorization = value(&authorization)?;
    authorization.set_sensitive(true);
    request.headers_mut().insert(AUTHORIZATION, authorization);
    Ok(())
}

fn value(text: &str) -> Result<HeaderValue> {
    HeaderValue::from_str(text).map_err(|_| {
        Error::config(
            "the AWS access keys have characters that a header cannot hold; were they copied whole?",
        )
    })
}

/// The request in the one form that both sides hash, and the names of the headers in it.
fn canonical(request: &http::Request<Bytes>) -> (String, String) {
    let uri = request.uri();
    let mut headers = vec![("host", host(uri))];
    for name in request.headers().keys() {
        if *name == CONTENT_TYPE || name.as_str().starts_with("x-amz-") {
            let values = request.headers().get_all(name).iter();
            let values: Vec<String> = values.map(|value| trimmed(value.as_bytes())).collect();
            headers.push((name.as_str(), values.join(",")));
        }
    }
    headers.sort_unstable();
    let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
    let signed = names.join(";");
    let mut text =
        format!("{}\n{}\n{}\n", request.method(), path(uri.path()), query(uri.query().unwrap_or("")));
    for (name, value) in &headers {
        text.push_str(&format!("{name}:{value}\n"));
    }
    text.push_str(&format!("\n{signed}\n{}", hash(request.body())));
    (text, signed)
}

/// As it is sent: with the port, unless it is the scheme's own.
fn host(uri: &Uri) -> String {
    let own = if uri.scheme_str() == Some("http") { 80 } else { 443 };
    let host = uri.host().unwrap_or_default();
    match uri.port_u16().filter(|port| *port != own) {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// Without spaces around it and with single ones in it.
fn trimmed(value: &[u8]) -> String {
    let value = String::from_utf8_lossy(value);
    value.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

/// The path is escaped once more than it is sent.
fn path(path: &str) -> String {
    let mut escaped = String::with_capacity(path.len() + 16);
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    if escaped.is_empty() { "/".to_owned() } else { escaped }
}

/// The parameters in order, each with a value.
fn query(query: &str) -> String {
    let split = |pair: &'_ str| {
        pair.split_once('=')
            .map_or((pair.to_owned(), String::new()), |(name, value)| (name.to_owned(), value.to_owned()))
    };
    let mut pairs: Vec<(String, String)> =
        query.split('&').filter(|pair| !pair.is_empty()).map(split).collect();
    pairs.sort_unstable();
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

fn hash(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        _ = write!(text, "{byte:02x}"); // a string takes everything
        text
    })
}

/// `YYYYMMDDTHHMMSSZ`, in the Gregorian calendar and UTC.
fn timestamp(now: SystemTime) -> String {
    let seconds = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    // Years that begin in March end with the leap day. 1970-01-01 is day 719468 since 0000-03-01; 400 years are 146097 days.
    let day = days + 719_468;
    let (era, day) = (day / 146_097, day % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153; // from March
    let day = day - (153 * month + 2) / 5 + 1;
    let (year, month) = if month < 10 { (year, month + 3) } else { (year + 1, month - 9) };
    let year = 400 * era + year;
    format!("{year:04}{month:02}{day:02}T{:02}{:02}{:02}Z", rest / 3_600, rest / 60 % 60, rest % 60)
}

#[cfg(test)]
mod tests;
