//! What the server answers: content, timing and faults, as plain data with consuming setters.
//!
//! How it looks on the wire is decided in `openai` and `server`.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

use crate::request::Request;

/// One scripted answer.
///
/// Start from [`text`](Self::text), [`echo`](Self::echo), [`tool_call`](Self::tool_call) or
/// [`status`](Self::status), then add to it. The same reply serves unary and streamed requests. Latency, slow headers,
/// cuts and resets hold for every endpoint and body; drips, endless replies, missing ends and errors in a stream only
/// where the model itself answers a chat.
#[derive(Clone, Debug)]
pub struct Reply {
    pub(crate) content: Content,
    pub(crate) tool_calls: Arc<[ToolCall]>,
    pub(crate) status: u16,
    pub(crate) headers: Vec<(Arc<str>, Arc<str>)>,
    pub(crate) usage: Usage,
    pub(crate) finish_reason: Option<Arc<str>>,
    pub(crate) latency: Duration,
    pub(crate) slow_headers: Duration,
    pub(crate) pieces: Option<usize>,
    pub(crate) piece_delay: Duration,
    pub(crate) cuts: Arc<[usize]>,
    pub(crate) chunked: bool,
    pub(crate) fault: Fault,
    pub(crate) cutoff: Option<Cutoff>,
}

/// What is said.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    /// `echo: ` and the prompt.
    Echo,
    /// This text.
    Text(Arc<str>),
    /// One of these, by the prompt: the same prompt gets the same text.
    OneOf(Arc<[Arc<str>]>),
    /// The status alone, with an error body of the usual shape.
    Status,
    /// These bytes, whatever was asked.
    Verbatim { bytes: Bytes, content_type: Arc<str> },
}

#[derive(Clone, Debug)]
pub(crate) struct ToolCall {
    pub(crate) name: Arc<str>,
    pub(crate) arguments: Arc<str>,
}

/// Token counts; those left out are estimated from the text.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Usage {
    pub(crate) prompt: Option<u64>,
    pub(crate) completion: Option<u64>,
    pub(crate) cached: Option<u64>,
}

/// What goes wrong with the reply as a whole.
#[derive(Clone, Debug, Default)]
pub(crate) enum Fault {
    #[default]
    None,
    Never,
    HangUp,
    Drip(Duration),
    Endless,
    EndlessLine,
    WithoutEnd,
    ErrorInStream(Arc<Value>),
}

/// Where the connection breaks, in bytes of the body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cutoff {
    pub(crate) after: u64,
    pub(crate) reset: bool,
}

/// The longest text [`Reply::filled`] gives.
const MAX_FILL: usize = 64 << 20;

impl Reply {
    fn of(content: Content) -> Self {
        Self {
            content,
            tool_calls: Arc::default(),
            status: 200,
            headers: Vec::new(),
            usage: Usage::default(),
            finish_reason: None,
            latency: Duration::ZERO,
            slow_headers: Duration::ZERO,
            pieces: None,
            piece_delay: Duration::ZERO,
            cuts: Arc::default(),
            chunked: false,
            fault: Fault::None,
            cutoff: None,
        }
    }

    /// The model says this.
    pub fn text(text: impl Into<Arc<str>>) -> Self {
        Self::of(Content::Text(text.into()))
    }

    /// The model says `echo: ` and the last user message.
    pub fn echo() -> Self {
        Self::of(Content::Echo)
    }

    /// The model says one of these, chosen by the prompt: the same prompt always gets the same text.
    pub fn one_of<T: Into<Arc<str>>>(texts: impl IntoIterator<Item = T>) -> Self {
        Self::of(Content::OneOf(texts.into_iter().map(Into::into).collect()))
    }

    /// The model says `bytes` bytes of ASCII prose (64 MiB at most).
    pub fn filled(bytes: usize) -> Self {
        const PROSE: &str = "the quick brown fox jumps over the lazy dog while the kettle hums and ";
        let bytes = bytes.min(MAX_FILL);
        let mut text = PROSE.repeat(bytes.div_ceil(PROSE.len()));
        text.truncate(bytes);
        Self::text(text)
    }

    /// The model says nothing and calls this tool. `arguments` is JSON text or a [`Value`].
    pub fn tool_call(name: impl Into<Arc<str>>, arguments: impl ToString) -> Self {
        Self::text("").and_tool_call(name, arguments)
    }

    /// This status with an error body of OpenAI's shape, unless [`json`](Self::json), [`html`](Self::html)
    /// or [`body`](Self::body) says otherwise.
    pub fn status(status: u16) -> Self {
        Self::of(Content::Status).with_status(status)
    }

    /// One more tool call, beside what is said or called already.
    #[expect(clippy::needless_pass_by_value, reason = "callers write json!({…}) in place")]
    pub fn and_tool_call(mut self, name: impl Into<Arc<str>>, arguments: impl ToString) -> Self {
        let call = ToolCall { name: name.into(), arguments: arguments.to_string().into() };
        self.tool_calls = self.tool_calls.iter().cloned().chain([call]).collect();
        self
    }

    /// Another status over the same content.
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// One more header. `connection: close` is obeyed.
    pub fn header(mut self, name: impl Into<Arc<str>>, value: impl Into<Arc<str>>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// This JSON as the body.
    #[expect(clippy::needless_pass_by_value, reason = "callers write json!({…}) in place")]
    pub fn json(self, value: Value) -> Self {
        self.body(value.to_string(), "application/json")
    }

    /// This HTML as the body, as proxies send it.
    pub fn html(self, page: impl Into<String>) -> Self {
        self.body(page.into(), "text/html")
    }

    /// These bytes as the body, to streamed requests too.
    pub fn body(mut self, bytes: impl Into<Bytes>, content_type: impl Into<Arc<str>>) -> Self {
        self.content = Content::Verbatim { bytes: bytes.into(), content_type: content_type.into() };
        self
    }

    /// Token counts, instead of an estimate of four bytes a token.
    pub fn usage(mut self, prompt: u64, completion: u64) -> Self {
        (self.usage.prompt, self.usage.completion) = (Some(prompt), Some(completion));
        self
    }

    /// How many of the prompt's tokens came from a cache.
    pub fn cached_tokens(mut self, cached: u64) -> Self {
        self.usage.cached = Some(cached);
        self
    }

    /// The finish reason, instead of `stop` or `tool_calls`.
    pub fn finish_reason(mut self, reason: impl Into<Arc<str>>) -> Self {
        self.finish_reason = Some(reason.into());
        self
    }

    /// Waits this long before the first byte.
    pub fn latency(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }

    /// Sends the status line at once and the other headers only after this long.
    pub fn slow_headers(mut self, wait: Duration) -> Self {
        self.slow_headers = wait;
        self
    }

    /// Streams exactly `n` pieces of content; by default one a word. Characters are not split: where the text is
    /// too short the last pieces read `piece 7 `, `piece 8 `, …. A body given with [`body`](Self::body) is written
    /// in `n` chunks.
    pub fn pieces(mut self, n: usize) -> Self {
        self.pieces = Some(n);
        self
    }

    /// Waits this long before every piece but the first.
    pub fn piece_delay(mut self, delay: Duration) -> Self {
        self.piece_delay = delay;
        self
    }

    /// Writes a body given with [`body`](Self::body) in chunks of these lengths, the rest in one.
    pub fn cuts(mut self, lengths: impl IntoIterator<Item = usize>) -> Self {
        self.cuts = lengths.into_iter().collect();
        self
    }

    /// Sends a unary body chunked, without its length.
    pub fn chunked(mut self) -> Self {
        self.chunked = true;
        self
    }

    /// Reads the request and never answers.
    pub fn never(self) -> Self {
        self.fault(Fault::Never)
    }

    /// Reads the request and closes the connection without a byte, as a server does with a connection gone stale.
    pub fn hang_up(self) -> Self {
        self.fault(Fault::HangUp)
    }

    /// Closes the socket after `n` bytes of the body, if it has that many: the length or the last chunk is then
    /// missing.
    pub fn cut_after(mut self, n: u64) -> Self {
        self.cutoff = Some(Cutoff { after: n, reset: false });
        self
    }

    /// As [`cut_after`](Self::cut_after), but with a TCP reset.
    pub fn reset_after(mut self, n: u64) -> Self {
        self.cutoff = Some(Cutoff { after: n, reset: true });
        self
    }

    /// A piece at each interval, without end. Unary replies drip blanks.
    pub fn drip_forever(self, interval: Duration) -> Self {
        self.fault(Fault::Drip(interval))
    }

    /// Pieces as fast as the client reads, without end; unary replies are one string without end.
    /// [`Stats::bytes_written`](crate::Stats) tells whether the client pushes back.
    pub fn endless(self) -> Self {
        self.fault(Fault::Endless)
    }

    /// One line of a stream, without end, as fast as the client reads.
    pub fn endless_line(self) -> Self {
        self.fault(Fault::EndlessLine)
    }

    /// A stream whose body ends cleanly but without finish reason, usage and `[DONE]`. Unary replies are whole.
    pub fn without_end(self) -> Self {
        self.fault(Fault::WithoutEnd)
    }

    /// A stream that sends its text, then this JSON as an event, and ends. Unary replies are this JSON alone. The
    /// status stays 200.
    pub fn error_in_stream(self, event: Value) -> Self {
        self.fault(Fault::ErrorInStream(Arc::new(event)))
    }

    fn fault(mut self, fault: Fault) -> Self {
        self.fault = fault;
        self
    }

    /// What the model says to this request.
    pub(crate) fn says<'r>(&'r self, request: &Request<'_>) -> Cow<'r, str> {
        match &self.content {
            Content::Echo => Cow::Owned(format!("echo: {}", request.prompt())),
            Content::Text(text) => Cow::Borrowed(text),
            Content::OneOf(texts) => {
                let choice = hash(request.prompt().as_bytes()).checked_rem(texts.len() as u64).unwrap_or(0);
                let text = usize::try_from(choice).ok().and_then(|choice| texts.get(choice));
                Cow::Borrowed(text.map_or("", |text| text))
            }
            Content::Status | Content::Verbatim { .. } => Cow::Borrowed(""),
        }
    }
}

impl Default for Reply {
    /// [`Reply::echo`].
    fn default() -> Self {
        Self::echo()
    }
}

/// FNV-1a, 64 bits: stable across runs and platforms, unlike the standard library's hasher.
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests;
