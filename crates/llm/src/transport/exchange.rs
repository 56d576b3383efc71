//! One request and its reply on a connection.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use graphbit_core::Result;

use super::body::Extent;
use super::calls::Call;
use super::failure::Failures;
use super::head::{self, Head};
use super::link::{Link, Outgoing};
use super::place::Place;
use super::places::Places;

/// The beginning of a reply.
pub(super) struct Answer {
    pub(super) head: Head,
    /// What arrived with the head.
    pub(super) early: Bytes,
    /// What is left of the message that is answered: a reply may begin before all of that was sent, be it to say what is wrong
    /// with it.
    pub(super) unsent: Option<Outgoing>,
}

/// Sends a message and reads the head of its reply.
///
/// # Errors
/// What broke the connection; `UnexpectedEof` where the server closed it.
pub(super) fn exchange(link: &mut Link, message: Outgoing) -> impl Future<Output = io::Result<Answer>> {
    let (mut message, mut failed) = (Some(message), None);
    let (mut bytes, mut seen) = (Vec::new(), 0);
    poll_fn(move |cx| {
        loop {
            if let Some(sending) = &mut message {
                match link.poll_send(cx, sending) {
                    Poll::Pending => {}
                    Poll::Ready(Ok(())) => message = None, // the prompt is not needed any more
                    Poll::Ready(Err(error)) => {
                        // Who closes the connection may have said why.
                        (message, failed) = (None, Some(error));
                    }
                }
            }
            let read = ready!(link.poll_read(cx, |more| {
                bytes.extend_from_slice(more);
                more.len()
            }));
            match (read, failed.take()) {
                (Ok(0), None) => return Poll::Ready(Err(closed())),
                (Ok(0) | Err(_), Some(error)) | (Err(error), None) => return Poll::Ready(Err(error)),
                (Ok(_), error) => failed = error,
            }
            if let Some((mut head, early)) = head::read(&mut bytes, seen)? {
                head.keeps_open &= failed.is_none();
                return Poll::Ready(Ok(Answer { head, early, unsent: message.take() }));
            }
            seen = bytes.len();
        }
    })
}

fn closed() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the server closed the connection")
}

/// The body of a reply. When it was read to its end the connection goes back to the idle ones; dropped before, it is closed.
pub(super) struct Incoming {
    /// `None` at the end.
    link: Option<Link>,
    extent: Extent,
    /// What arrived with the head.
    early: Bytes,
    unsent: Option<Outgoing>,
    /// Where the connection is kept afterwards, if it can be.
    kept: Option<(Arc<Places>, Arc<Place>)>,
    failures: Failures,
    _call: Call,
}

impl Incoming {
    pub(super) fn new(
        link: Link,
        answer: Answer,
        kept: Option<(Arc<Places>, Arc<Place>)>,
        failures: Failures,
        call: Call,
    ) -> http::Response<Self> {
        let Answer { head: Head { parts, extent, keeps_open }, early, unsent } = answer;
        let kept = kept.filter(|_| keeps_open);
        let mut body = Self { link: Some(link), extent, early, unsent, kept, failures, _call: call };
        if extent.is_over() {
            let is_all = body.early.is_empty();
            body.end(is_all);
        }
        http::Response::from_parts(parts, body)
    }

    /// The body is over; whether the connection has said nothing more.
    fn end(&mut self, is_all: bool) {
        if let (Some(link), Some((places, place)), true) =
            (self.link.take(), &self.kept, is_all && self.unsent.is_none())
        {
            places.put(place, link);
        }
    }
}

impl Stream for Incoming {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            let received = if this.early.is_empty() {
                let Some(link) = &mut this.link else { return Poll::Ready(None) };
                if let Some(rest) = &mut this.unsent {
                    match link.poll_send(cx, rest) {
                        Poll::Pending => {}
                        Poll::Ready(Ok(())) => this.unsent = None,
                        // The reply goes on, or says by itself that it does not.
                        Poll::Ready(Err(_)) => (this.unsent, this.kept) = (None, None),
                    }
                }
                ready!(link.poll_read(cx, |bytes| received(&mut this.extent, bytes)))
                    .and_then(|received| received)
            } else {
                received_early(&mut this.extent, std::mem::take(&mut this.early))
            };
            match received {
                Ok((data, end)) => {
                    if let Some(is_all) = end {
                        this.end(is_all);
                    }
                    if !data.is_empty() {
                        return Poll::Ready(Some(Ok(data)));
                    }
                }
                Err(error) => {
                    this.end(false);
                    return Poll::Ready(Some(Err(this.failures.reading(error))));
                }
            }
        }
    }
}

/// What of the bytes that arrived is the body's; at the end of the connection there are none. Where the body is over, whether it
/// took them all.
fn received(extent: &mut Extent, bytes: &[u8]) -> io::Result<(Bytes, Option<bool>)> {
    if bytes.is_empty() {
        return if extent.may_end() { Ok((Bytes::new(), Some(true))) } else { Err(closed()) };
    }
    let mut data = Vec::with_capacity(bytes.len());
    let taken = extent.take(bytes, &mut data)?;
    Ok((data.into(), extent.is_over().then_some(taken == bytes.len())))
}

/// The same of what arrived with the head, which is there already.
fn received_early(extent: &mut Extent, mut bytes: Bytes) -> io::Result<(Bytes, Option<bool>)> {
    let Some(most) = extent.take_plain(bytes.len()) else { return received(extent, &bytes) };
    let data = bytes.split_to(most);
    Ok((data, extent.is_over().then_some(bytes.is_empty())))
}
