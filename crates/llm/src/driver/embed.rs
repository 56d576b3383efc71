//! Embeddings: the texts are split over as many requests as the vendor wants, a few of which are under way at once. Each is
//! tried again by itself; where one fails for good, the whole call does.

#[cfg(test)]
mod tests;

use std::future::poll_fn;
use std::ops::Range;
use std::pin::pin;

use futures_util::{StreamExt, stream};
use graphbit_core::{Error, Result};

use super::source::Source;
use super::whole::Whole;
use super::{Client, length};
use crate::layer::Backoff;
use crate::protocol::{EmbedProtocol, Part, Target};
use crate::vendor::{Embedding, VENDORS};
use crate::{EmbedRequest, Embeddings, ModelInfo};

/// Requests of one call that are under way at once: as many bodies are held, and no more.
const IN_FLIGHT: usize = 4;

impl Client {
    /// Embeds texts. Unlike a chat, which a [layer](crate::layer) around the client repeats, each request is tried again here, as
    /// often as the configuration says: only here the texts are parted.
    ///
    /// # Errors
    /// `INVALID_INPUT` for a list or a text that is empty, `CONFIG` where the vendor has no embeddings or a key or a model is
    /// missing, `PROTOCOL` when vectors are missing or differ in length; else what the vendor answered. Where there was more
    /// than one request, the message begins with the texts of the one that failed.
    pub async fn embed(&self, request: EmbedRequest) -> Result<Embeddings> {
        let vendor = self.config.vendor;
        let (Some(row), Some(protocol)) = (&vendor.embedding, vendor.wire.embed_protocol()) else {
            return Err(none(vendor.name));
        };
        let model = self.model_for(row, &request);
        let work = async {
            request.check()?;
            if model.is_empty() {
                let message = format!("{} has no usual model for embeddings: set `model`", vendor.name);
                return Err(Error::config(message));
            }
            self.config.check(Some(model))?;
            self.embed_all(protocol, row, model, &request).await
        };
        let embedded = work.await;
        embedded.map_err(|error| self.asked(Some(model.into())).place(error))
    }

    /// A configured model that is one for chats is of no use here.
    fn model_for<'a>(&'a self, row: &Embedding, request: &'a EmbedRequest) -> &'a str {
        let configured = self.config.info().model.as_str();
        match &request.model {
            Some(model) => model,
            None if row.model.is_empty() || configured.contains("embed") => configured,
            None => row.model,
        }
    }

    async fn embed_all(
        &self,
        protocol: &'static dyn EmbedProtocol,
        row: &Embedding,
        model: &str,
        request: &EmbedRequest,
    ) -> Result<Embeddings> {
        let texts = &request.texts;
        let target = Target {
            base_url: self.config.url(),
            model,
            quirks: &self.config.vendor.quirks,
            extra: &request.extra,
            urls: Some(&self.config.urls),
        };
        let parts = split(texts, row);
        let several = parts.len() > 1;
        let send = |range: Range<usize>| async move {
            let part = Part { target, row, request, texts: texts.get(range.clone()).unwrap_or_default() };
            let sent = self.embed_part(protocol, &part).await;
            sent.map_err(|error| if several { of(&range, error) } else { error })
        };
        let mut replies = pin!(stream::iter(parts).map(send).buffered(IN_FLIGHT));
        let mut all = Embeddings::default();
        while let Some(next) = replies.next().await {
            all.append(next?, texts.len())?;
        }
        Ok(all)
    }

    async fn embed_part(&self, protocol: &'static dyn EmbedProtocol, part: &Part<'_>) -> Result<Embeddings> {
        let encoded = protocol.encode_texts(part)?;
        let attempt = || async {
            let (head, body, clocks) = self.answer(self.begin(encoded.clone())).await?;
            let mut whole = Whole::new(self.config.limits.body_bytes, length(&head.headers))?;
            let mut source = Source::new(body, clocks);
            while let Some(bytes) = poll_fn(|context| source.poll_read(context, false)).await? {
                whole.add(bytes)?;
            }
            protocol.decode_vectors(whole.bytes(), part)
        };
        let mut embedded = Backoff::new(self.config.max_retries).persist(attempt).await?;
        if let (Some(pricing), Some(usage)) = (self.config.prices(), &mut embedded.usage) {
            let provider = self.config.info().provider.clone();
            let asked = ModelInfo { provider, model: part.target.model.to_owned() };
            usage.cost = pricing.price(&asked).and_then(|price| price.read(usage));
        }
        Ok(embedded)
    }
}

/// The texts of each request: as many as fit, and at least one.
fn split(texts: &[String], row: &Embedding) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let (mut start, mut bytes) = (0, 0_usize);
    for (index, text) in texts.iter().enumerate() {
        if index > start && (index - start >= row.most || bytes.saturating_add(text.len()) > row.most_bytes) {
            parts.push(start..index);
            (start, bytes) = (index, 0);
        }
        bytes = bytes.saturating_add(text.len());
    }
    parts.push(start..texts.len());
    parts
}

/// Says which texts an error is about.
fn of(range: &Range<usize>, error: Error) -> Error {
    let last = range.end.saturating_sub(1);
    let which =
        if range.len() == 1 { format!("text {last}") } else { format!("texts {} to {last}", range.start) };
    let message = format!("{which}: {}", error.message());
    error.with_message(message)
}

fn none(name: &str) -> Error {
    let those: Vec<&str> = VENDORS.iter().filter(|row| row.embedding.is_some()).map(|row| row.name).collect();
    Error::config(format!("{name} has no embeddings; those that have are {}", those.join(", ")))
        .provider(name)
}
