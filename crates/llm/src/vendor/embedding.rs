//! How a vendor embeds texts, as data.

/// What is particular to one vendor's embeddings.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Embedding {
    /// The model used when none is named; empty where there is no sensible one.
    pub model: &'static str,
    /// The most texts of one request.
    pub most: usize,
    /// The most bytes of text of one request, unless a single text has more. It stands for the vendor's limit of tokens, of
    /// which no text in use has more than one for two bytes.
    pub most_bytes: usize,
    /// Whether vectors are asked for as base64, which is a third of the bytes of numbers. Of the OpenAI wire only.
    pub base64: bool,
    /// What the number of dimensions is called. Of the OpenAI wire only.
    pub dimensions: &'static str,
    /// How the purpose is told; `None` where the model takes none. Of the OpenAI wire only.
    pub purpose: Option<PurposeWords>,
}

/// How a purpose is told on the OpenAI wire, which has no word for it itself.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct PurposeWords {
    /// The member.
    pub member: &'static str,
    /// Its value for a query.
    pub query: &'static str,
    /// Its value for a document.
    pub document: &'static str,
}

impl Embedding {
    /// A vendor that does as most do. Where no limit is documented, a request has at most 128 texts.
    pub(super) const fn plain(model: &'static str) -> Self {
        Self { model, most: 128, most_bytes: 1 << 20, base64: false, dimensions: "dimensions", purpose: None }
    }
}
