//! Answers one request with the reply it got: by endpoint, unary, verbatim or as a stream.

use serde_json::Value;

use super::outgoing::Outgoing;
use super::stream;
use super::wire::{Socket, Stop};
use crate::embeddings::Wire;
use crate::obliging;
use crate::openai::chat::Chat;
use crate::openai::{self, Tokens};
use crate::reply::{Content, Fault, Reply};
use crate::request::Request;

pub(super) const JSON: &str = "application/json";
/// Endless bodies go out in pieces of this many bytes.
const FILL: [u8; 8 << 10] = [b'x'; 8 << 10];

/// What a completion begins with that never ends.
const OPEN_BODY: &[u8] =
    br#"{"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":""#;

/// What there is.
#[derive(Clone, Copy)]
enum Endpoint {
    Chat,
    Embeddings(Wire),
    Models,
    Other,
}

impl Endpoint {
    fn of(method: &str, path: &str) -> Self {
        match method {
            "POST" if path.ends_with("/chat/completions") => Self::Chat,
            "GET" if path.ends_with("/models") => Self::Models,
            "POST" => Wire::of(path).map_or(Self::Other, Self::Embeddings),
            _ => Self::Other,
        }
    }
}

/// Sends `reply`, or what the endpoint makes of it. `path` is without the prefix and the query.
pub(super) async fn answer<S: Socket>(
    out: &mut Outgoing<'_, S>,
    scratch: &mut Vec<u8>,
    request: &Request<'_>,
    path: &str,
    reply: &Reply,
) -> Result<(), Stop> {
    out.wire.pause(reply.latency).await?;
    match reply.fault {
        Fault::Never => {
            out.wire.gone().await;
            return Err(Stop::Gone);
        }
        Fault::HangUp => return Err(Stop::Cut),
        _ => {}
    }
    let endpoint = Endpoint::of(request.method(), path);
    let obliging = matches!(endpoint, Endpoint::Chat).then(|| obliging::reply(request, reply)).flatten();
    let reply = obliging.as_ref().unwrap_or(reply);
    match (&reply.content, endpoint) {
        (Content::Verbatim { bytes, content_type }, _) => {
            verbatim(out, request, reply, bytes, content_type).await
        }
        (Content::Status, _) => error(out, request, reply, reply.status, "scripted").await,
        (_, Endpoint::Models) => json(out, request, reply, reply.status, &openai::models()).await,
        (_, Endpoint::Embeddings(wire)) => match wire.body(&request.json()) {
            Ok(body) => json(out, request, reply, reply.status, &body).await,
            Err(why) => error(out, request, reply, 400, why).await,
        },
        (_, Endpoint::Chat) if !request.is_readable() => {
            error(out, request, reply, 400, "the body is not a chat completion request").await
        }
        (_, Endpoint::Chat) if request.wants_stream() => stream::stream(out, scratch, request, reply).await,
        (_, Endpoint::Chat) => unary(out, scratch, request, reply).await,
        (_, Endpoint::Other) => {
            let message = format!("no route {} {path}", request.method());
            error(out, request, reply, 404, &message).await
        }
    }
}

async fn unary<S: Socket>(
    out: &mut Outgoing<'_, S>,
    scratch: &mut Vec<u8>,
    request: &Request<'_>,
    reply: &Reply,
) -> Result<(), Stop> {
    let chat = Chat { number: request.number(), model: request.model(), reply };
    scratch.clear();
    match &reply.fault {
        Fault::Drip(interval) => {
            out.head(reply, reply.status, request.number(), JSON, None).await?;
            loop {
                out.push(b" ").await?;
                out.flush().await?;
                out.wire.pause(*interval).await?;
            }
        }
        Fault::Endless | Fault::EndlessLine => {
            out.head(reply, reply.status, request.number(), JSON, None).await?;
            endless(out, OPEN_BODY).await
        }
        Fault::ErrorInStream(event) => json(out, request, reply, reply.status, event).await,
        Fault::None | Fault::Never | Fault::HangUp | Fault::WithoutEnd => {
            let text = reply.says(request);
            chat.completion(scratch, &text, Tokens::of(reply, request, &text));
            whole(out, request, reply, reply.status, scratch).await
        }
    }
}

/// Sends a string without end after `open`.
pub(super) async fn endless<S: Socket>(out: &mut Outgoing<'_, S>, open: &[u8]) -> Result<(), Stop> {
    out.push(open).await?;
    loop {
        out.push(&FILL).await?;
    }
}

/// Sends bytes as they are, in the chunks the reply asks for.
async fn verbatim<S: Socket>(
    out: &mut Outgoing<'_, S>,
    request: &Request<'_>,
    reply: &Reply,
    bytes: &[u8],
    content_type: &str,
) -> Result<(), Stop> {
    let even = reply.pieces.filter(|pieces| *pieces > 0).map(|pieces| bytes.len().div_ceil(pieces).max(1));
    let whole = even.is_none() && reply.cuts.is_empty() && !reply.chunked;
    out.head(reply, reply.status, request.number(), content_type, whole.then_some(bytes.len())).await?;
    let mut rest = bytes;
    let mut cuts = reply.cuts.iter().copied().filter(|cut| *cut > 0);
    while !rest.is_empty() {
        let cut = cuts.next().or(even).unwrap_or(rest.len());
        let (piece, after) = rest.split_at_checked(cut).unwrap_or((rest, &[]));
        out.push(piece).await?;
        rest = after;
        if !whole && !rest.is_empty() {
            out.flush().await?;
            out.wire.pause(reply.piece_delay).await?;
        }
    }
    out.finish().await
}

async fn error<S: Socket>(
    out: &mut Outgoing<'_, S>,
    request: &Request<'_>,
    reply: &Reply,
    status: u16,
    message: &str,
) -> Result<(), Stop> {
    json(out, request, reply, status, &openai::error(status, message)).await
}

async fn json<S: Socket>(
    out: &mut Outgoing<'_, S>,
    request: &Request<'_>,
    reply: &Reply,
    status: u16,
    body: &Value,
) -> Result<(), Stop> {
    whole(out, request, reply, status, body.to_string().as_bytes()).await
}

async fn whole<S: Socket>(
    out: &mut Outgoing<'_, S>,
    request: &Request<'_>,
    reply: &Reply,
    status: u16,
    body: &[u8],
) -> Result<(), Stop> {
    let length = (!reply.chunked).then_some(body.len());
    out.head(reply, status, request.number(), JSON, length).await?;
    out.push(body).await?;
    out.finish().await
}
