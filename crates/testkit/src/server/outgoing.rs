//! Writes one reply: its head, then its body by length or chunked, cut where the script says so.

use std::io::Write;

use super::books::Books;
use super::wire::{Socket, Stop, Wire};
use crate::reply::{Cutoff, Reply};

/// Body bytes are gathered up to this many before they are sent without being asked to.
const GATHER: usize = 16 << 10;

/// A reply on its way. Buffered: nothing is sure to leave before [`flush`](Self::flush).
pub(super) struct Outgoing<'a, S> {
    pub(super) wire: &'a mut Wire<S>,
    buffer: &'a mut Vec<u8>,
    /// None for what is not booked: control requests, and what could not be read.
    books: Option<Books<'a>>,
    /// The body's bytes so far.
    sent: u64,
    cutoff: Option<Cutoff>,
    chunked: bool,
    /// The status, once the head is written.
    status: Option<u16>,
    /// Whether the connection is to be closed after this reply.
    pub(super) close: bool,
}

impl<'a, S: Socket> Outgoing<'a, S> {
    pub(super) fn new(wire: &'a mut Wire<S>, buffer: &'a mut Vec<u8>, books: Option<Books<'a>>) -> Self {
        buffer.clear();
        Self { wire, buffer, books, sent: 0, cutoff: None, chunked: false, status: None, close: false }
    }

    /// Writes the head. Without a length the body is chunked.
    pub(super) async fn head(
        &mut self,
        reply: &Reply,
        status: u16,
        number: u64,
        content_type: &str,
        length: Option<usize>,
    ) -> Result<(), Stop> {
        self.cutoff = reply.cutoff;
        self.chunked = length.is_none();
        self.status = Some(status);
        write(self.buffer, format_args!("HTTP/1.1 {status} {}\r\n", reason(status)));
        if !reply.slow_headers.is_zero() {
            self.flush().await?;
            self.wire.pause(reply.slow_headers).await?;
        }
        let mut own_type = false;
        for (name, value) in &reply.headers {
            own_type |= name.eq_ignore_ascii_case("content-type");
            self.close |= name.eq_ignore_ascii_case("connection") && value.eq_ignore_ascii_case("close");
            write(self.buffer, format_args!("{name}: {value}\r\n"));
        }
        if !own_type {
            write(self.buffer, format_args!("content-type: {content_type}\r\n"));
        }
        write(self.buffer, format_args!("x-request-id: req_testkit_{number}\r\n"));
        match length {
            Some(length) => write(self.buffer, format_args!("content-length: {length}\r\n\r\n")),
            None => self.buffer.extend_from_slice(b"transfer-encoding: chunked\r\n\r\n"),
        }
        Ok(())
    }

    /// Adds to the body: one chunk, where it is chunked.
    pub(super) async fn push(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        if bytes.is_empty() {
            return Ok(());
        }
        if self.chunked {
            write(self.buffer, format_args!("{:x}\r\n", bytes.len()));
        }
        if let Some(cutoff) = self.cutoff {
            let left = usize::try_from(cutoff.after.saturating_sub(self.sent)).unwrap_or(usize::MAX);
            if let Some(last) = bytes.get(..left).filter(|last| last.len() < bytes.len()) {
                self.buffer.extend_from_slice(last);
                self.flush().await?;
                return Err(if cutoff.reset { Stop::Reset } else { Stop::Cut });
            }
        }
        self.sent += bytes.len() as u64;
        self.buffer.extend_from_slice(bytes);
        if self.chunked {
            self.buffer.extend_from_slice(b"\r\n");
        }
        // A body of known length comes in one piece, and its end is `finish`'s to send.
        if self.chunked && self.buffer.len() >= GATHER { self.flush().await } else { Ok(()) }
    }

    /// Sends what was gathered.
    pub(super) async fn flush(&mut self) -> Result<(), Stop> {
        let sent = self.wire.send(self.buffer).await;
        self.buffer.clear();
        sent
    }

    /// Ends the body and sends all of it.
    pub(super) async fn finish(&mut self) -> Result<(), Stop> {
        if self.chunked {
            self.buffer.extend_from_slice(b"0\r\n\r\n");
        }
        if let Some(books) = &mut self.books {
            books.finish(self.status, self.wire.written + self.buffer.len() as u64);
        }
        self.flush().await
    }

    /// Books a reply that did not get to its end.
    pub(super) fn stopped(&mut self, stop: Stop) {
        if let Some(books) = &mut self.books {
            books.stop(self.status, self.wire.written, stop);
        }
    }
}

fn write(buffer: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    // Writing to a vector cannot fail.
    let _ = buffer.write_fmt(text);
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        409 => "Conflict",
        413 => "Content Too Large",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        529 => "Site Overloaded",
        _ => "Status",
    }
}
