//! The first event that holds something of the answer: until it has come nothing was handed on, so that a call can still be
//! made elsewhere or again. Many a server says who it is before it says that it failed.

use futures_util::{StreamExt, stream};
use graphbit_core::Result;

use crate::{Event, EventStream};

/// Waits for it and gives the stream with it.
pub(super) async fn first(opened: Result<EventStream>) -> Result<EventStream> {
    let mut events = opened?;
    let mut held = Vec::new();
    while let Some(event) = events.next().await {
        let event = event?;
        let says_nothing = matches!(event, Event::Started { .. } | Event::Usage(_));
        held.push(Ok(event));
        if !says_nothing {
            break;
        }
    }
    Ok(Box::pin(stream::iter(held).chain(events)))
}
