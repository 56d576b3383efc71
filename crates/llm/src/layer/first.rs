//! The first event: until it has come nothing was handed on, so that a call can still be made elsewhere or again.

use futures_util::{StreamExt, stream};
use graphbit_core::Result;

use crate::EventStream;

/// Waits for the first event and gives the stream with it.
pub(super) async fn first(opened: Result<EventStream>) -> Result<EventStream> {
    let mut events = opened?;
    match events.next().await {
        Some(Ok(event)) => Ok(Box::pin(stream::iter([Ok(event)]).chain(events))),
        Some(Err(error)) => Err(error),
        None => Ok(events),
    }
}
