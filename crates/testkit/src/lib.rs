//! For tests, the demo and benches only: a loopback model server driven by a script, its faults, and a reader of
//! recorded traffic. It knows the OpenAI wire, the embeddings of a few others, and nothing of GraphBit, so that any client
//! can be tested against it.
//!
//! ```
//! use graphbit_testkit::{Reply, Script, Server};
//! use tokio::io::{AsyncReadExt, AsyncWriteExt};
//!
//! # async fn example() -> std::io::Result<()> {
//! let script = Script::default()
//!     .when_contains("weather", Reply::tool_call("forecast", r#"{"city":"Graz"}"#))
//!     .when_nth(2, Reply::status(429).header("retry-after", "1"));
//! let server = Server::start(script).await?;
//! assert!(server.base_url().ends_with("/v1"));
//!
//! let body = r#"{"model":"m","messages":[{"role":"user","content":"hello"}]}"#;
//! let length = body.len();
//! let mut client = tokio::net::TcpStream::connect(server.address()).await?;
//! let head = format!("POST /v1/chat/completions HTTP/1.1\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
//! client.write_all(format!("{head}{body}").as_bytes()).await?;
//! let mut reply = String::new();
//! client.read_to_string(&mut reply).await?;
//!
//! assert!(reply.contains(r#""content":"echo: hello""#));
//! assert!(server.journal().iter().all(|exchange| exchange.finished() && exchange.body["model"] == "m"));
//! assert_eq!(server.stats().requests, 1);
//! # Ok(())
//! # }
//! # tokio::runtime::Runtime::new()?.block_on(example())?;
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # Endpoints
//!
//! `POST …/chat/completions`, `POST …/embeddings` and `GET …/models` under any path, and the embeddings of other wires:
//! `POST …/models/NAME:batchEmbedContents`, `POST …/v2/embed`, `POST …/api/embed`. Other paths answer with what the script
//! holds verbatim ([`Reply::json`], [`Reply::body`], [`Reply::status`]), else 404, so that other wires can be
//! replayed, too. For other processes: `GET /testkit/journal`, `GET /testkit/stats`, `POST /testkit/clear`,
//! `POST /testkit/script`.
//!
//! # Keys
//!
//! They make up the replies of a script's JSON ([`Script::from_json`]) and the path prefix `/with/KEY=VALUE,…/v1`,
//! which is laid over whatever the script answers. In a path values are percent-encoded, and lists and objects JSON.
//!
//! | key | means |
//! |---|---|
//! | `text`, `echo=true`, `one_of` | what the model says: this; the prompt; one of a list, by the prompt |
//! | `bytes` | the model says this many bytes of prose |
//! | `tool`, `arguments`, `tool_calls` | one call; or a list of `{name, arguments}` |
//! | `status` | the status; from 400 on with an error body, unless another is given |
//! | `json`, `html`, `body` + `content_type` | the body verbatim; `content_type` is an event stream unless given |
//! | `headers`, `retry_after`, `retry_after_ms` | an object of headers; these two headers |
//! | `prompt_tokens`, `completion_tokens`, `cached_tokens`, `finish_reason` | instead of the usual ones |
//! | `latency_ms`, `slow_headers_ms` | [`Reply::latency`], [`Reply::slow_headers`] |
//! | `pieces`, `piece_delay_ms` | [`Reply::pieces`], [`Reply::piece_delay`] |
//! | `chunked=true` | [`Reply::chunked`] |
//! | `fault` | `never`, `hang_up`, `drip` (every `drip_ms`, 10), `endless`, `endless_line`, `without_end` |
//! | `cut_after`, `reset_after` | [`Reply::cut_after`], [`Reply::reset_after`] |
//! | `error` | [`Reply::error_in_stream`] |
//! | `times` | path only: just the first so many requests with exactly this prefix, then as the script says |
//! | `id` | path only: means nothing, makes a prefix one's own, and with it the count of `times` |

mod embeddings;
mod form;
mod journal;
mod obliging;
mod openai;
mod pieces;
mod prefix;
pub mod recorded;
mod reply;
mod request;
mod script;
mod server;
mod stats;
#[cfg(feature = "tls")]
mod tls;

pub use form::BadForm;
pub use journal::{Exchange, Outcome};
pub use reply::Reply;
pub use request::Request;
pub use script::{Rule, Script};
pub use server::{Builder, Server};
pub use stats::Stats;
#[cfg(feature = "tls")]
pub use tls::Authority;
