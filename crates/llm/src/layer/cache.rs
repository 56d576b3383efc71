//! Answers a request that was answered before, from memory.

mod key;
mod recording;
mod replies;

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::stream;
use graphbit_core::Result;

use super::watched::watched;
use crate::model::Prepared;
use crate::{EventStream, Model};

use recording::Recording;
pub use replies::{CacheOptions, Replies};

/// The layer. A request is the same when the model and every byte sent for it are; a streamed request and one that is not are two.
/// Only whole replies are kept, those that end with `stop` or `tool_calls` and decline nothing. A hit gives the reply's events
/// again, each part in one piece, with the tokens that the first call took and, where it is priced, a cost of 0. Identical calls at one time each go out.
pub struct Cache {
    inner: Arc<dyn Model>,
    replies: Replies,
}

impl Cache {
    /// Answers from these replies, and adds to them what the model answers. A key for the model is no part of what makes requests
    /// the same: share replies only between those who may see each other's.
    pub fn new(inner: Arc<dyn Model>, replies: Replies) -> Self {
        Self { inner, replies }
    }
}

#[async_trait]
impl Model for Cache {
    sends_what_is_prepared!();

    async fn send(&self, prepared: &Prepared) -> Result<EventStream> {
        let key = self.replies.key(self.info(), prepared)?;
        if let Some(events) = self.replies.get(key) {
            let replay = (0..events.len()).filter_map(move |at| events.get(at).cloned().map(Ok));
            return Ok(Box::pin(stream::iter(replay)));
        }
        let mut recording = Some(Recording::new(self.replies.most_bytes()));
        let replies = self.replies.clone();
        let events = self.inner.send(prepared).await?;
        Ok(watched(events, move |item| {
            let Some(record) = &mut recording else { return };
            match item {
                Some(Ok(event)) if record.add(event) => {
                    if let Some(events) = record.whole() {
                        replies.put(key, &events);
                        recording = None;
                    }
                }
                _ => recording = None,
            }
        }))
    }
}

#[cfg(test)]
mod tests;
