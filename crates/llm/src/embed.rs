//! Texts in, vectors out: what is asked, and what comes back. How it travels is the [`Client`](crate::Client)'s business, who
//! splits what is more than one request may hold.
//!
//! ```
//! use std::sync::Arc;
//! use graphbit_llm::{Client, Config, Connections, EmbedRequest, Purpose};
//! use graphbit_testkit::{Script, Server};
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let server = Server::start(Script::default()).await?; // any server that has `/embeddings`
//! let config = Arc::new(Config::new("openai")?.base_url(server.base_url()));
//! let client = Client::new(Arc::clone(&config), Connections::default().get(&config)?);
//!
//! let request = EmbedRequest::new(["a pear", "an apple"]).dimensions(64).purpose(Purpose::Document);
//! let embeddings = client.embed(request).await?;
//! assert_eq!((embeddings.len(), embeddings.dimensions), (2, 64));
//! assert_eq!(embeddings.get(1), embeddings.vectors().nth(1));
//! # Ok(()) }
//! ```

#[cfg(test)]
mod tests;

use std::slice::ChunksExact;

use graphbit_core::{Error, ErrorCode, Result};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::Usage;

/// Texts to embed.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct EmbedRequest {
    /// The texts; none may be empty. How many is up to the caller: they are split over as many requests as the vendor wants.
    pub texts: Vec<String>,
    /// The model. Unset, it is the configured one where its name has `embed` in it or the vendor has no usual one; else the
    /// vendor's usual one.
    pub model: Option<String>,
    /// How many numbers a vector shall have, where the model can choose.
    pub dimensions: Option<u32>,
    /// What the vectors are for. Models that make no difference are not told.
    pub purpose: Option<Purpose>,
    /// Members merged into the body (of Gemini, into each text's request) over everything else. What a configuration adds to
    /// the bodies of chats is not sent.
    pub extra: Map<String, Value>,
}

/// What vectors are for: models for retrieval embed a question otherwise than what answers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Purpose {
    /// To search with.
    Query,
    /// To be found.
    Document,
}

impl EmbedRequest {
    /// A request for these texts.
    pub fn new<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> Self {
        Self { texts: texts.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// Names the model.
    #[must_use]
    pub fn model(mut self, model: impl Into<String>) -> Self {
        self.model = Some(model.into());
        self
    }

    /// Says how many numbers a vector shall have.
    #[must_use]
    pub fn dimensions(mut self, dimensions: u32) -> Self {
        self.dimensions = Some(dimensions);
        self
    }

    /// Says what the vectors are for.
    #[must_use]
    pub fn purpose(mut self, purpose: Purpose) -> Self {
        self.purpose = Some(purpose);
        self
    }

    /// Checks what no vendor accepts.
    ///
    /// # Errors
    /// `INVALID_INPUT` that names the text by its index.
    pub fn check(&self) -> Result<()> {
        if self.texts.is_empty() {
            return Err(Error::invalid_input("there is no text to embed: the list is empty"));
        }
        if let Some(index) = self.texts.iter().position(String::is_empty) {
            return Err(Error::invalid_input(format!(
                "text {index} is empty, and nothing cannot be embedded: leave it out"
            )));
        }
        match self.dimensions {
            Some(0) => Err(Error::invalid_input("dimensions must be greater than 0")),
            _ => Ok(()),
        }
    }
}

/// The vectors of some texts, one behind the other in one allocation.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Embeddings {
    /// All numbers, in the order of the texts.
    pub values: Vec<f32>,
    /// How many of them are one vector; 0 only where there is none.
    pub dimensions: usize,
    /// The model that made them, as the vendor names it.
    pub model: Option<String>,
    /// The tokens read, where the vendor counted them. Its own object is a list of them where it took several requests.
    pub usage: Option<Usage>,
}

impl Embeddings {
    /// The vectors, in the order of the texts.
    pub fn vectors(&self) -> ChunksExact<'_, f32> {
        self.values.chunks_exact(self.dimensions.max(1))
    }

    /// The vector of one text.
    pub fn get(&self, index: usize) -> Option<&[f32]> {
        let start = index.checked_mul(self.dimensions)?;
        self.values.get(start..start.checked_add(self.dimensions)?).filter(|vector| !vector.is_empty())
    }

    /// How many vectors there are.
    pub fn len(&self) -> usize {
        self.vectors().len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Puts the vectors of the next texts behind these; `total` will there be at the end.
    pub(crate) fn append(&mut self, next: Self, total: usize) -> Result<()> {
        if self.is_empty() {
            *self = next;
            let more = total.saturating_mul(self.dimensions).saturating_sub(self.values.len());
            return self.values.try_reserve_exact(more).map_err(|error| {
                let message = format!(
                    "there is no memory for {total} vectors of {} dimensions; embed fewer texts at once",
                    self.dimensions
                );
                Error::new(ErrorCode::Memory, message).caused_by(error)
            });
        }
        if next.dimensions != self.dimensions {
            let message = format!(
                "the vectors have {} dimensions, those of the texts before {}",
                next.dimensions, self.dimensions
            );
            return Err(Error::new(ErrorCode::Protocol, message));
        }
        self.values.extend_from_slice(&next.values);
        self.usage = Usage::together(self.usage.take(), next.usage);
        Ok(())
    }
}
