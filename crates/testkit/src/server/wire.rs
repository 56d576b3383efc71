//! One connection's socket: everything the server does with it also notices the client leaving.
//!
//! Reads go ahead into a buffer while a reply is waited for or blocked, so that pipelined requests are kept and an
//! end of stream is seen at once.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{BufMut, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::stats::Counters;

/// A byte stream over TCP.
pub(super) trait Socket: AsyncRead + AsyncWrite + Unpin + Send + 'static {
    /// The connection underneath.
    fn tcp(&self) -> &TcpStream;
}

impl Socket for TcpStream {
    fn tcp(&self) -> &TcpStream {
        self
    }
}

#[cfg(feature = "tls")]
impl Socket for tokio_rustls::server::TlsStream<TcpStream> {
    fn tcp(&self) -> &TcpStream {
        self.get_ref().0
    }
}

/// Why a reply did not get to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The client closed the connection.
    Gone,
    /// The script ends the connection here.
    Cut,
    /// The script resets the connection here.
    Reset,
}

/// How far a client may send ahead of its replies.
const MAX_AHEAD: usize = 1 << 20;
const READ: usize = 16 << 10;
/// Rarely anything comes while a reply is on its way.
const AHEAD: usize = 1 << 10;
/// How long bytes get to reach the client before a reset, which may overtake them.
const BEFORE_RESET: Duration = Duration::from_millis(5);
/// How long a closed connection waits for the client to close it, too.
const LINGER: Duration = Duration::from_millis(200);

pub(super) struct Wire<S> {
    socket: S,
    /// Received and not yet used.
    pub(super) input: BytesMut,
    counters: Arc<Counters>,
    /// Bytes handed to the socket since the connection was opened.
    pub(super) written: u64,
}

impl<S: Socket> Wire<S> {
    pub(super) fn new(socket: S, counters: Arc<Counters>) -> Self {
        Self { socket, input: BytesMut::new(), counters, written: 0 }
    }

    /// Reads more input. `false` at the end of the stream.
    pub(super) async fn fill(&mut self) -> io::Result<bool> {
        self.input.reserve(READ);
        Ok(self.socket.read_buf(&mut self.input).await? > 0)
    }

    /// Writes all of `bytes`.
    pub(super) async fn send(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let wrote = poll_fn(|cx| match Pin::new(&mut self.socket).poll_write(cx, rest) {
                Poll::Ready(wrote) => Poll::Ready(wrote.ok().filter(|wrote| *wrote > 0).ok_or(Stop::Gone)),
                Poll::Pending => self.poll_gone(cx).map(|()| Err(Stop::Gone)),
            })
            .await?;
            self.written += wrote as u64;
            self.counters.wrote(wrote);
            rest = rest.get(wrote..).unwrap_or_default();
        }
        // TCP has nothing to flush; TLS may.
        poll_fn(|cx| match Pin::new(&mut self.socket).poll_flush(cx) {
            Poll::Ready(done) => Poll::Ready(done.map_err(|_| Stop::Gone)),
            Poll::Pending => self.poll_gone(cx).map(|()| Err(Stop::Gone)),
        })
        .await
    }

    /// Waits, unless the client leaves meanwhile.
    pub(super) async fn pause(&mut self, time: Duration) -> Result<(), Stop> {
        if time.is_zero() { Ok(()) } else { self.pause_until(Instant::now() + time).await }
    }

    /// As [`pause`](Self::pause), until a point in time.
    pub(super) async fn pause_until(&mut self, due: Instant) -> Result<(), Stop> {
        let mut sleep = pin!(tokio::time::sleep_until(due));
        poll_fn(|cx| match sleep.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Ok(())),
            Poll::Pending => self.poll_gone(cx).map(|()| Err(Stop::Gone)),
        })
        .await
    }

    /// Waits until the client leaves.
    pub(super) async fn gone(&mut self) {
        poll_fn(|cx| self.poll_gone(cx)).await;
    }

    /// Ends the connection in good order: bytes that come in after all are read, for closing over unread ones would
    /// be a reset, and the client might lose the reply.
    pub(super) async fn close(mut self) {
        self.input.clear();
        if self.socket.shutdown().await.is_ok() {
            let _ = tokio::time::timeout(LINGER, self.gone()).await;
        }
    }

    /// Ends the connection with a TCP reset.
    pub(super) async fn reset(self) {
        tokio::time::sleep(BEFORE_RESET).await;
        let _ = self.socket.tcp().set_zero_linger();
    }

    /// Ready once the client has closed its side. A client that half-closes counts as gone, too.
    fn poll_gone(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            if self.input.len() >= MAX_AHEAD {
                return Poll::Ready(());
            }
            let mut chunk = [0; AHEAD];
            let mut buffer = ReadBuf::new(&mut chunk);
            match ready!(Pin::new(&mut self.socket).poll_read(cx, &mut buffer)) {
                Ok(()) if !buffer.filled().is_empty() => self.input.put_slice(buffer.filled()),
                _ => return Poll::Ready(()),
            }
        }
    }
}
