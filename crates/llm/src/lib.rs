//! Talks to language models: a [`Request`] in, [`Event`]s out, whatever the vendor's wire.
//!
//! ```text
//! Request ─encode→ http::Request ─Transport→ bytes ─Framing→ Frame ─Decoder→ Event* ─collect→ Response
//!          protocol               transport        framing          protocol          response
//! ```
//!
//! Embeddings take the same way without the events: an [`EmbedRequest`] in, [`Embeddings`] out of [`Client::embed`].
//!
//! A vendor is a row of [`vendor::VENDORS`], a protocol a folder of pure files, policies are [layers](layer) around a [`Model`].
//!
//! ```
//! use std::sync::Arc;
//! use graphbit_llm::{Client, Config, Connections, Request, complete};
//! use graphbit_testkit::{Script, Server};
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let server = Server::start(Script::default()).await?; // any chat completions server
//! let config = Arc::new(Config::new("openai")?.base_url(server.base_url()));
//! let model = Client::new(Arc::clone(&config), Connections::default().get(&config)?);
//!
//! let reply = complete(&model, Request::prompt("Say hello")).await?;
//! assert_eq!(reply.text, "echo: Say hello");
//! # Ok(()) }
//! ```

mod config;
mod driver;
mod embed;
mod event;
pub mod framing;
pub mod layer;
mod message;
mod model;
mod pricing;
pub mod protocol;
mod raw_json;
mod request;
mod response;
mod secret;
mod structured;
mod tool;
pub mod transport;
pub mod vendor;

pub use config::{Config, Environment, Limits, Policies, Timeouts, TraceOptions, Trust};
pub use driver::Client;
pub use embed::{EmbedRequest, Embeddings, Purpose};
pub use event::{Event, FinishReason, PartKind, TokenLogprob, Usage};
pub use message::{Media, Message, Part, Role, Signature, ToolCall, ToolResult};
#[cfg(test)]
pub(crate) use model::MockModel;
pub use model::{EventStream, Model, ModelInfo, Opening, Prepared, complete, stream};
pub use pricing::{Price, Pricing};
pub use raw_json::RawJson;
pub use request::{ReasoningEffort, Request, Settings};
pub use response::Response;
pub use secret::Secret;
pub use tool::{OutputSchema, Tool, ToolChoice};
pub use transport::Connections;
