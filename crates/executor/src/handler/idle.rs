//! A model whose events may not be far apart.

use std::time::Duration;

use async_trait::async_trait;
use futures_util::{StreamExt, stream};
use graphbit_core::{Error, ErrorCode};
use graphbit_llm::{EventStream, Model, ModelInfo, Opening, Request};
use tokio::time::timeout;

/// The model of a node with an idle timeout. Every reply comes piece by piece: one that comes whole gives no sign of life.
pub(super) struct Idle<'a> {
    pub(super) model: &'a dyn Model,
    pub(super) limit: Duration,
}

#[async_trait]
impl Model for Idle<'_> {
    fn info(&self) -> &ModelInfo {
        self.model.info()
    }

    fn stream<'s, 'a>(&'s self, request: Request) -> Opening<'a>
    where
        's: 'a,
        Self: 'a,
    {
        let (limit, opening) = (self.limit, self.model.stream(request.streamed()));
        Box::pin(async move {
            let events = timeout(limit, opening).await.map_err(|_| idle(limit))??;
            let next = move |events: Option<EventStream>| async move {
                let mut events = events?;
                match timeout(limit, events.next()).await {
                    Ok(event) => Some((event?, Some(events))),
                    Err(_) => Some((Err(idle(limit)), None)),
                }
            };
            Ok(stream::unfold(Some(events), next).boxed())
        })
    }
}

fn idle(limit: Duration) -> Error {
    let message = format!("nothing came for the node's idle timeout of {} ms", limit.as_millis());
    Error::new(ErrorCode::Timeout, message).clock("idle")
}
