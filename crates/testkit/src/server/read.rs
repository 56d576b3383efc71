//! Reads requests off a connection: HTTP/1.1 heads with `httparse`, bodies by length or chunked.

use bytes::{Bytes, BytesMut};
use httparse::Status;

use super::wire::{Socket, Wire};
use crate::request::MAX_HEADERS;

/// A request as it came: the head's bytes, and the body's without chunk framing.
pub(super) struct Incoming {
    pub(super) head: Bytes,
    pub(super) body: Bytes,
    /// Whether the connection may serve another request.
    pub(super) keep_alive: bool,
}

/// Why there is no request.
pub(super) enum Unread {
    /// The client closed the connection, between requests or within one.
    Gone,
    /// What it sent cannot be read: the status to answer with, and why.
    Bad(u16, &'static str),
}

const MAX_HEAD: usize = 64 << 10;
const MAX_BODY: usize = 64 << 20;
/// A chunk's size line, or a trailer line.
const MAX_LINE: usize = 8 << 10;

/// What a head says about the bytes after it.
struct Head {
    len: usize,
    body: Body,
    keep_alive: bool,
    expects_continue: bool,
}

enum Body {
    Length(usize),
    Chunked,
}

/// Waits for the next request.
pub(super) async fn request<S: Socket>(wire: &mut Wire<S>) -> Result<Incoming, Unread> {
    let head = loop {
        if let Some(head) = parse(&wire.input)? {
            break head;
        }
        if wire.input.len() > MAX_HEAD {
            return Err(Unread::Bad(431, "the request head exceeds 64 KiB"));
        }
        fill(wire).await?;
    };
    let bytes = wire.input.split_to(head.len).freeze();
    let awaited = match head.body {
        Body::Length(length) => wire.input.len() < length,
        Body::Chunked => wire.input.is_empty(),
    };
    if head.expects_continue && awaited {
        wire.send(b"HTTP/1.1 100 Continue\r\n\r\n").await.map_err(|_| Unread::Gone)?;
    }
    let body = match head.body {
        Body::Length(length) => {
            wire.input.reserve(length.saturating_sub(wire.input.len()));
            while wire.input.len() < length {
                fill(wire).await?;
            }
            wire.input.split_to(length).freeze()
        }
        Body::Chunked => chunked(wire).await?,
    };
    Ok(Incoming { head: bytes, body, keep_alive: head.keep_alive })
}

async fn fill<S: Socket>(wire: &mut Wire<S>) -> Result<(), Unread> {
    if wire.fill().await.unwrap_or(false) { Ok(()) } else { Err(Unread::Gone) }
}

/// Reads a head, if it is complete.
fn parse(input: &[u8]) -> Result<Option<Head>, Unread> {
    let mut slots = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut slots);
    let len = match request.parse(input) {
        Ok(Status::Complete(len)) => len,
        Ok(Status::Partial) => return Ok(None),
        Err(_) => return Err(Unread::Bad(400, "the request head is not HTTP/1.1")),
    };
    let mut head =
        Head { len, body: Body::Length(0), keep_alive: request.version == Some(1), expects_continue: false };
    for header in request.headers.iter() {
        let is = |name: &str| header.name.eq_ignore_ascii_case(name);
        let value = std::str::from_utf8(header.value).unwrap_or_default().trim();
        if is("content-length") && !matches!(head.body, Body::Chunked) {
            let length = value.parse().map_err(|_| Unread::Bad(400, "content-length is not a number"))?;
            if length > MAX_BODY {
                return Err(Unread::Bad(413, "the request body exceeds 64 MiB"));
            }
            head.body = Body::Length(length);
        } else if is("transfer-encoding") {
            if !value.eq_ignore_ascii_case("chunked") {
                return Err(Unread::Bad(501, "the only transfer coding understood is chunked"));
            }
            head.body = Body::Chunked;
        } else if is("connection") {
            let says = |word: &str| value.split(',').any(|token| token.trim().eq_ignore_ascii_case(word));
            head.keep_alive = (head.keep_alive && !says("close")) || says("keep-alive");
        } else if is("expect") {
            head.expects_continue = value.eq_ignore_ascii_case("100-continue");
        }
    }
    Ok(Some(head))
}

/// Joins the chunks of a body; trailers are dropped.
async fn chunked<S: Socket>(wire: &mut Wire<S>) -> Result<Bytes, Unread> {
    let mut body = BytesMut::new();
    loop {
        let (line, size) = loop {
            match httparse::parse_chunk_size(&wire.input) {
                Ok(Status::Complete(found)) => break found,
                Ok(Status::Partial) if wire.input.len() <= MAX_LINE => fill(wire).await?,
                _ => return Err(Unread::Bad(400, "a chunk's size is malformed")),
            }
        };
        let size = usize::try_from(size).ok().filter(|size| body.len().saturating_add(*size) <= MAX_BODY);
        let Some(size) = size else { return Err(Unread::Bad(413, "the request body exceeds 64 MiB")) };
        let _ = wire.input.split_to(line);
        if size == 0 {
            trailers(wire).await?;
            return Ok(body.freeze());
        }
        while wire.input.len() < size + 2 {
            fill(wire).await?;
        }
        body.extend_from_slice(&wire.input.split_to(size));
        if wire.input.split_to(2) != b"\r\n"[..] {
            return Err(Unread::Bad(400, "a chunk is longer than its size"));
        }
    }
}

/// Drops lines up to and with the empty one.
async fn trailers<S: Socket>(wire: &mut Wire<S>) -> Result<(), Unread> {
    loop {
        match wire.input.windows(2).position(|pair| pair == b"\r\n") {
            Some(end) => {
                let _ = wire.input.split_to(end + 2);
                if end == 0 {
                    return Ok(());
                }
            }
            None if wire.input.len() > MAX_LINE => return Err(Unread::Bad(400, "a trailer is too long")),
            None => fill(wire).await?,
        }
    }
}
