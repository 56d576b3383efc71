//! Says what each reply cost.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::StreamExt;
use graphbit_core::Result;

use crate::model::Prepared;
use crate::{Event, EventStream, Model, ModelInfo, Opening, Pricing, Request};

/// The layer: it sets [`Usage::cost`](crate::Usage::cost), by the price of the model that answered or, where the table has none
/// for that name, of the one that was asked: a vendor may answer `gpt-4.1` as `gpt-4.1-2025-04-14`.
pub struct Cost {
    inner: Arc<dyn Model>,
    pricing: Arc<Pricing>,
}

impl Cost {
    /// Prices the replies of a model.
    pub fn new(inner: Arc<dyn Model>, pricing: Arc<Pricing>) -> Self {
        Self { inner, pricing }
    }

    fn priced(&self, asked: Option<String>, events: EventStream) -> EventStream {
        let ModelInfo { provider, model } = self.info().clone();
        let asked = ModelInfo { provider, model: asked.unwrap_or(model) };
        let mut answered = asked.clone();
        let pricing = Arc::clone(&self.pricing);
        Box::pin(events.map(move |mut item| {
            match &mut item {
                Ok(Event::Started { model: Some(model), .. }) => answered.model.clone_from(model),
                Ok(Event::Usage(usage)) => {
                    let price = pricing.price_of_reply(&answered, &asked);
                    usage.cost = price.and_then(|price| price.cost(usage));
                }
                _ => {}
            }
            item
        }))
    }
}

#[async_trait]
impl Model for Cost {
    fn info(&self) -> &ModelInfo {
        self.inner.info()
    }

    fn stream<'s, 'a>(&'s self, request: Request) -> Opening<'a>
    where
        's: 'a,
        Self: 'a,
    {
        let (asked, opening) = (request.model.clone(), self.inner.stream(request));
        Box::pin(async move { Ok(self.priced(asked, opening.await?)) })
    }

    fn prepare(&self, request: Request) -> Result<Prepared> {
        self.inner.prepare(request)
    }

    async fn send(&self, prepared: &Prepared) -> Result<EventStream> {
        let asked = prepared.model().map(str::to_owned);
        Ok(self.priced(asked, self.inner.send(prepared).await?))
    }
}

#[cfg(test)]
mod tests;
