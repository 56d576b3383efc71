//! A connection, to whom there is nothing to say while it waits: it has no buffers of its own. What arrives is read into the
//! stack's memory and copied from there to whoever wanted it.

use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use graphbit_core::apart;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The most that is read at once.
const READ: usize = 16 << 10;

/// Bytes in both directions: of a socket, or of TLS over one.
pub(super) trait Duplex: AsyncRead + AsyncWrite + Unpin + Send + Sync {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send + Sync> Duplex for T {}

/// A connection. It outlives the call that opened it, so whatever it allocates is nobody's in particular.
pub(super) struct Link {
    io: Box<dyn Duplex>,
}

impl Link {
    pub(super) fn new(io: Box<dyn Duplex>) -> Self {
        Self { io }
    }

    /// Gives up the connection's bytes, to be wrapped.
    pub(super) fn into_io(self) -> Box<dyn Duplex> {
        self.io
    }

    /// Waits for bytes and shows them; none where the connection has ended.
    pub(super) fn poll_read<T>(
        &mut self,
        cx: &mut Context<'_>,
        show: impl FnOnce(&[u8]) -> T,
    ) -> Poll<io::Result<T>> {
        let mut space = [MaybeUninit::uninit(); READ];
        let mut read = ReadBuf::uninit(&mut space);
        ready!(apart(|| Pin::new(&mut self.io).poll_read(cx, &mut read)))?;
        Poll::Ready(Ok(show(read.filled())))
    }

    /// Whether it is open, and has said nothing since its last reply: then it can take another request.
    pub(super) fn is_idle(&mut self) -> bool {
        self.poll_read(&mut Context::from_waker(Waker::noop()), |_| ()).is_pending()
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, first: &[u8], second: &[u8]) -> Poll<io::Result<usize>> {
        let slices = [IoSlice::new(first), IoSlice::new(second)];
        let written = apart(|| match second.is_empty() {
            true => Pin::new(&mut self.io).poll_write(cx, first),
            false => Pin::new(&mut self.io).poll_write_vectored(cx, &slices),
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
        apart(|| Pin::new(&mut self.io).poll_flush(cx))
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
            _ => self.body.get(self.sent - self.head.len()..).filter(|body| !body.is_empty()).map(|body| (body, &[][..])),
        }
    }
}
