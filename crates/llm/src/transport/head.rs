//! The heads of HTTP/1.1 messages (RFC 9112): a request's is written, a reply's is read.

mod field_name;
#[cfg(test)]
mod tests;

use std::io::{self, Write};
use std::mem::MaybeUninit;

use bytes::Bytes;
use http::header::{
    ACCEPT, CONNECTION, CONTENT_LENGTH, HOST, PROXY_AUTHORIZATION, TRANSFER_ENCODING, USER_AGENT,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, Version};

use super::body::Extent;

/// The longest head of a reply.
const LONGEST: usize = 64 << 10;
/// The most fields in one.
const MOST_FIELDS: usize = 128;
const AGENT: &str = concat!("graphbit/", env!("CARGO_PKG_VERSION"));

/// The head of a request to a server of that name, as it is sent: for a proxy that forwards it, with the whole URL and with who
/// asks.
pub(super) fn written(
    request: &Request<Bytes>,
    server: &str,
    proxy: Option<Option<&HeaderValue>>,
) -> Vec<u8> {
    let (uri, headers) = (request.uri(), request.headers());
    let mut out = Fields(Vec::with_capacity(256 + headers.len() * 64));
    out.text(request.method().as_str()).text(" ");
    if proxy.is_some() {
        out.text(uri.scheme_str().unwrap_or("http")).text("://").text(server);
    }
    out.target(uri).text(" HTTP/1.1\r\n");
    if !headers.contains_key(HOST) {
        out.field(&HOST, server.as_bytes());
    }
    out.unless(headers, &USER_AGENT, AGENT).unless(headers, &ACCEPT, "*/*");
    if !request.body().is_empty() || request.method() != Method::GET {
        out.text("content-length: ").number(request.body().len()).text("\r\n");
    }
    if let Some(Some(who)) = proxy
        && !headers.contains_key(PROXY_AUTHORIZATION)
    {
        out.field(&PROXY_AUTHORIZATION, who.as_bytes());
    }
    for (name, value) in
        headers.iter().filter(|(name, _)| **name != CONTENT_LENGTH && **name != TRANSFER_ENCODING)
    {
        out.field(name, value.as_bytes());
    }
    out.end()
}

/// The head of a request for a tunnel to a server, which the proxy does not look into.
pub(super) fn tunnel(host_and_port: &str, who: Option<&HeaderValue>) -> Vec<u8> {
    let mut out = Fields(Vec::with_capacity(256));
    out.text("CONNECT ").text(host_and_port).text(" HTTP/1.1\r\n");
    out.field(&HOST, host_and_port.as_bytes()).field(&USER_AGENT, AGENT.as_bytes());
    if let Some(who) = who {
        out.field(&PROXY_AUTHORIZATION, who.as_bytes());
    }
    out.end()
}

/// Whether the one who asks wants the connection to be closed afterwards.
pub(super) fn wants_close(headers: &HeaderMap) -> bool {
    names(headers, &CONNECTION, "close")
}

struct Fields(Vec<u8>);

impl Fields {
    fn text(&mut self, text: &str) -> &mut Self {
        self.0.extend_from_slice(text.as_bytes());
        self
    }

    fn field(&mut self, name: &HeaderName, value: &[u8]) -> &mut Self {
        self.text(name.as_str()).text(": ");
        self.0.extend_from_slice(value);
        self.text("\r\n")
    }

    fn number(&mut self, number: impl std::fmt::Display) -> &mut Self {
        let _ = write!(self.0, "{number}"); // a vector takes everything
        self
    }

    /// Path and query, where what is not allowed in a URL is escaped.
    fn target(&mut self, uri: &Uri) -> &mut Self {
        let target = uri.path_and_query().map_or("", |target| target.as_str());
        if !target.starts_with('/') {
            self.text("/");
        }
        for byte in target.bytes() {
            match byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte) {
                true => self.0.push(byte),
                false => drop(write!(self.0, "%{byte:02X}")),
            }
        }
        self
    }

    fn unless(&mut self, given: &HeaderMap, name: &HeaderName, value: &str) -> &mut Self {
        if given.contains_key(name) { self } else { self.field(name, value.as_bytes()) }
    }

    fn end(mut self) -> Vec<u8> {
        self.text("\r\n");
        self.0
    }
}

/// The head of a reply, and what it says of the rest.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) parts: http::response::Parts,
    /// How far the body goes.
    pub(super) extent: Extent,
    /// Whether the connection is there for another request afterwards.
    pub(super) keeps_open: bool,
}

/// Reads the head of a reply out of the bytes that arrived, past those that only tell of another to come (1xx), and gives what
/// stands behind it; `None` where more are needed. Bytes before `seen` were looked at already.
pub(super) fn read(bytes: &mut Vec<u8>, seen: usize) -> io::Result<Option<(Head, Bytes)>> {
    let fresh = bytes.get(seen..).unwrap_or_default();
    if seen > 0 && !fresh.contains(&b'\n') {
        return within(bytes); // a head ends with a line
    }
    if !has_end(bytes, seen) {
        refuse_early(bytes)?;
        return within(bytes);
    }
    // The head's values and the body's beginning share them: nothing is copied.
    let all = Bytes::from(std::mem::take(bytes));
    let mut from = 0;
    loop {
        let mut fields = [MaybeUninit::uninit(); MOST_FIELDS];
        let Some((reply, length)) = parsed(all.get(from..).unwrap_or_default(), &mut fields)? else {
            *bytes = all.into(); // an empty line stands before it, or a head of the other kind
            return within(bytes);
        };
        let head = head(&reply, &all)?;
        from += length;
        match head.parts.status.as_u16() {
            101 => return Err(invalid("the server switches to another protocol, which nobody asked for")),
            100..=199 => {}
            _ => return Ok(Some((head, all.slice(from..)))),
        }
    }
}

/// Whether an empty line ends in the bytes that were not looked at yet.
fn has_end(bytes: &[u8], seen: usize) -> bool {
    let mut lines = bytes.get(seen.saturating_sub(2)..).unwrap_or_default().split(|&byte| byte == b'\n');
    lines.next(); // it began before
    let mut lines = lines.peekable();
    while let Some(line) = lines.next() {
        if lines.peek().is_some() && matches!(line, b"" | b"\r") {
            return true;
        }
    }
    false
}

/// What can never become a reply is refused before it ends.
fn refuse_early(bytes: &[u8]) -> io::Result<()> {
    let mut rest = bytes;
    loop {
        let mut fields = [MaybeUninit::uninit(); MOST_FIELDS];
        let Some((_, length)) = parsed(rest, &mut fields)? else { return Ok(()) };
        rest = rest.get(length..).unwrap_or_default();
    }
}

/// A head, and how many bytes it takes; `None` where they are not all there.
fn parsed<'h, 'b>(
    bytes: &'b [u8],
    fields: &'h mut [MaybeUninit<httparse::Header<'b>>],
) -> io::Result<Option<(httparse::Response<'h, 'b>, usize)>> {
    let mut reply = httparse::Response::new(&mut []);
    let status = httparse::ParserConfig::default()
        .parse_response_with_uninit_headers(&mut reply, bytes, fields)
        .map_err(|error| invalid(&format!("that is no HTTP/1.1 reply: {error}")))?;
    Ok(match status {
        httparse::Status::Complete(length) => Some((reply, length)),
        httparse::Status::Partial => None,
    })
}

fn within<T>(bytes: &[u8]) -> io::Result<Option<T>> {
    if bytes.len() < LONGEST {
        Ok(None)
    } else {
        Err(invalid("the reply's head has no end within 65536 bytes"))
    }
}

/// The head as values, which are parts of all the bytes.
fn head(reply: &httparse::Response<'_, '_>, all: &Bytes) -> io::Result<Head> {
    let (mut parts, ()) = http::Response::new(()).into_parts();
    parts.status = http::StatusCode::from_u16(reply.code.unwrap_or_default())
        .map_err(|_| invalid("that is no HTTP/1.1 reply: its status is none"))?;
    parts.version = if reply.version == Some(0) { Version::HTTP_10 } else { Version::HTTP_11 };
    parts.headers.reserve(reply.headers.len());
    for field in reply.headers.iter() {
        let name = field_name::read(field.name.as_bytes());
        let value = HeaderValue::from_maybe_shared(all.slice_ref(field.value));
        let (Ok(name), Ok(value)) = (name, value) else {
            return Err(invalid("the reply's head has a field that is none"));
        };
        parts.headers.append(name, value);
    }
    let (extent, is_sure) = extent(&parts)?;
    let is_kept = match parts.version {
        Version::HTTP_10 => names(&parts.headers, &CONNECTION, "keep-alive"),
        _ => !names(&parts.headers, &CONNECTION, "close"),
    };
    Ok(Head { keeps_open: is_kept && is_sure && extent != Extent::ToTheEnd, extent, parts })
}

/// How far a body goes (RFC 9112, section 6.3), and whether that is sure enough to read another reply behind it.
fn extent(parts: &http::response::Parts) -> io::Result<(Extent, bool)> {
    let headers = &parts.headers;
    if matches!(parts.status.as_u16(), 204 | 304) {
        return Ok((Extent::Bytes(0), true));
    }
    if let Some(last) = headers.get_all(TRANSFER_ENCODING).iter().next_back() {
        let last = last.as_bytes().rsplit(|&byte| byte == b',').next().unwrap_or_default();
        // Who gives a length besides may mean to mislead: what follows is not believed.
        let is_sure = !headers.contains_key(CONTENT_LENGTH) && parts.version == Version::HTTP_11;
        return Ok(match last.trim_ascii().eq_ignore_ascii_case(b"chunked") {
            true => (Extent::chunked(), is_sure),
            false => (Extent::ToTheEnd, false),
        });
    }
    let mut lengths =
        headers.get_all(CONTENT_LENGTH).iter().flat_map(|value| value.as_bytes().split(|&byte| byte == b','));
    let Some(first) = lengths.next() else { return Ok((Extent::ToTheEnd, false)) };
    let first = first.trim_ascii();
    if lengths.any(|other| other.trim_ascii() != first) {
        return Err(invalid("the reply has two lengths"));
    }
    let digits =
        std::str::from_utf8(first).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let length = digits
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| invalid("the reply's length is no number"))?;
    Ok((Extent::Bytes(length), true))
}

fn names(headers: &HeaderMap, name: &HeaderName, option: &str) -> bool {
    let options = headers.get_all(name).iter().flat_map(|value| value.as_bytes().split(|&byte| byte == b','));
    options.into_iter().any(|one| one.trim_ascii().eq_ignore_ascii_case(option.as_bytes()))
}

pub(super) fn invalid(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}
