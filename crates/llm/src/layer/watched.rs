//! A stream that a layer looks at while its reader reads it.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use graphbit_core::Result;

use crate::{Event, EventStream};

/// The same stream; `saw` is shown each item before it is handed on, and `None` at the end. It is dropped with the stream.
pub(super) fn watched<F>(events: EventStream, saw: F) -> EventStream
where
    F: FnMut(Option<&Result<Event>>) + Send + Unpin + 'static,
{
    Box::pin(Watched { events, saw })
}

struct Watched<F> {
    events: EventStream,
    saw: F,
}

impl<F: FnMut(Option<&Result<Event>>) + Unpin> Stream for Watched<F> {
    type Item = Result<Event>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let item = ready!(self.events.as_mut().poll_next(cx));
        (self.saw)(item.as_ref());
        Poll::Ready(item)
    }
}

/// Whether nothing of the reply follows this item.
pub(super) fn is_last(item: Option<&Result<Event>>) -> bool {
    !matches!(item, Some(Ok(event)) if !matches!(event, Event::Finished { .. }))
}
