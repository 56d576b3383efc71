//! Streams a chat completion as server-sent events, with the faults streams can have.

use std::borrow::Cow;
use std::time::Duration;

use tokio::time::Instant;

use super::answer::endless;
use super::outgoing::Outgoing;
use super::wire::{Socket, Stop};
use crate::openai::chat::{Chat, Event};
use crate::openai::{self, Tokens};
use crate::pieces::filler;
use crate::reply::{Fault, Reply};
use crate::request::Request;

const SSE: &str = "text/event-stream; charset=utf-8";

/// What a line begins with that never ends.
const OPEN_EVENT: &[u8] =
    br#"data: {"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":""#;

pub(super) async fn stream<S: Socket>(
    out: &mut Outgoing<'_, S>,
    scratch: &mut Vec<u8>,
    request: &Request<'_>,
    reply: &Reply,
) -> Result<(), Stop> {
    let text = reply.says(request);
    let mut events = Events {
        chat: Chat { number: request.number(), model: request.model(), reply },
        usage: request.wants_usage(),
        scratch,
        out,
    };
    events.out.head(reply, reply.status, request.number(), SSE, None).await?;
    match &reply.fault {
        Fault::Drip(interval) => return events.forever(*interval).await,
        Fault::Endless => return events.forever(Duration::ZERO).await,
        Fault::EndlessLine => {
            return endless(events.out, OPEN_EVENT).await;
        }
        _ => events.content(&text, reply.piece_delay).await?,
    }
    match &reply.fault {
        Fault::ErrorInStream(event) => {
            events.scratch.clear();
            events.scratch.extend_from_slice(b"data: ");
            openai::append(events.scratch, event.as_ref());
            events.scratch.extend_from_slice(b"\n\n");
            events.out.push(events.scratch).await?;
        }
        Fault::WithoutEnd => {}
        _ => {
            events.send(&Event::Finish).await?;
            if events.usage {
                events.send(&Event::Usage(Tokens::of(reply, request, &text))).await?;
            }
            events.send(&Event::Done).await?;
        }
    }
    events.out.finish().await
}

struct Events<'a, 'o, S> {
    chat: Chat<'a>,
    usage: bool,
    scratch: &'a mut Vec<u8>,
    out: &'a mut Outgoing<'o, S>,
}

impl<'a, S: Socket> Events<'a, '_, S> {
    async fn send(&mut self, event: &Event<'_>) -> Result<(), Stop> {
        self.scratch.clear();
        self.chat.event(self.scratch, event, self.usage);
        self.out.push(self.scratch).await
    }

    /// Sends the content, its pieces `delay` apart: on a fixed beat, so that slow timers do not add up.
    async fn content(&mut self, text: &'a str, delay: Duration) -> Result<(), Stop> {
        let mut due = Instant::now();
        let mut first = true;
        for event in self.chat.content(text) {
            let timed = matches!(event, Event::Text(_) | Event::Arguments(..));
            if timed && !first && !delay.is_zero() {
                due += delay;
                self.out.wire.pause_until(due).await?;
            }
            first &= !timed;
            self.send(&event).await?;
            if !delay.is_zero() {
                self.out.flush().await?;
            }
        }
        Ok(())
    }

    async fn forever(&mut self, interval: Duration) -> Result<(), Stop> {
        self.send(&Event::Role).await?;
        for index in 0.. {
            self.send(&Event::Text(Cow::Owned(filler(index)))).await?;
            if !interval.is_zero() {
                self.out.flush().await?;
                self.out.wire.pause(interval).await?;
            }
        }
        Ok(())
    }
}
