//! A connection, to whom there is nothing to say while it waits: it has no buffers of its own. What arrives is read into the
//! stack's memory and copied from there to whoever wanted it.

use std::future::{Future, poll_fn};
use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker, ready};

use graphbit_core::apart;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// The most that is read at once.
const READ: usize = 16 << 10;

/// Bytes in both directions: of a socket, or of TLS over one.
pub(super) trait Duplex: AsyncRead + AsyncWrite + Unpin + Send + Sync {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send + Sync> Duplex for T {}

/// A connection. It outlives the call that opened it, so whatever it allocates is nobody's in particular.
pub(super) struct Link {
    io: Box<dyn Duplex>,
    /// Whether reading and writing take memory: TLS has buffers, a socket has none.
    allocates: bool,
}

impl Link {
    /// A connection by a socket alone.
    pub(super) fn plain(socket: TcpStream) -> Self {
        Self { io: Box::new(socket), allocates: false }
    }

    /// A connection within another.
    pub(super) fn within(io: impl Duplex + 'static) -> Self {
        Self { io: Box::new(io), allocates: true }
    }

    /// Gives up the connection's bytes, to be wrapped.
    pub(super) fn into_io(self) -> Box<dyn Duplex> {
        self.io
    }

    /// Does something with the connection, apart from the caller's memory where that needs some.
    fn with<T>(&mut self, what: impl FnOnce(Pin<&mut dyn Duplex>) -> T) -> T {
        let io = Pin::new(&mut *self.io);
        if self.allocates { apart(|| what(io)) } else { what(io) }
    }

    /// Waits for bytes and shows them; none where the connection has ended.
    pub(super) fn poll_read<T>(
        &mut self,
        cx: &mut Context<'_>,
        show: impl FnOnce(&[u8]) -> T,
    ) -> Poll<io::Result<T>> {
        let mut space = [MaybeUninit::uninit(); READ];
        let mut read = ReadBuf::uninit(&mut space);
        ready!(self.with(|io| io.poll_read(cx, &mut read)))?;
        Poll::Ready(Ok(show(read.filled())))
    }

    /// Whether it is open, and has said nothing since its last reply: then it can take another request.
    pub(super) fn is_idle(&mut self) -> bool {
        let looked = tokio::task::unconstrained(poll_fn(|cx| self.poll_read(cx, |_| ())));
        // Unconstrained: a task that has done much already would be told to wait, whatever the connection is.
        pin!(looked).poll(&mut Context::from_waker(Waker::noop())).is_pending()
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, first: &[u8], second: &[u8]) -> Poll<io::Result<usize>> {
        let slices = [IoSlice::new(first), IoSlice::new(second)];
        let written = self.with(|io| match second.is_empty() {
            true => io.poll_write(cx, first),
            false => io.poll_write_vectored(cx, &slices),
        });
        match ready!(written)? {
            0 => Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
            count => Poll::Ready(Ok(count)),
        }
    }

    /// Sends what is left of a message, and all of it on its way.
    pub(super) fn poll_send(&mut self, cx: &mut Context<'_>, message: &mut Outgoing) -> Poll<io::Result<()>> {
        while let Some((first, second)) = message.rest() {
            message.sent += ready!(self.poll_write(cx, first, second))?;
        }
        self.with(|io| io.poll_flush(cx))
    }
}

/// A message that is being sent.
pub(super) struct Outgoing {
    head: Vec<u8>,
    body: bytes::Bytes,
    sent: usize,
}

impl Outgoing {
    pub(super) fn new(head: Vec<u8>, body: bytes::Bytes) -> Self {
        Self { head, body, sent: 0 }
    }

    fn rest(&self) -> Option<(&[u8], &[u8])> {
        match self.head.get(self.sent..) {
            Some(head) if !head.is_empty() => Some((head, &self.body)),
            _ => self
                .body
                .get(self.sent - self.head.len()..)
                .filter(|body| !body.is_empty())
                .map(|body| (body, &[][..])),
        }
    }
}
