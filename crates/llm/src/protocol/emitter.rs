//! Where decoders put what they find. It opens, closes and numbers the parts itself, so that no decoder can emit nonsense.

use std::borrow::Cow;
use std::collections::VecDeque;

use graphbit_core::{Error, ErrorCode, Result};

use crate::{Event, FinishReason, PartKind, Signature, TokenLogprob, Usage};

/// The most tool calls of one reply.
pub(crate) const MOST_CALLS: usize = 1024;

/// The words in which most replies end, which need not be copied.
const LAST_WORDS: [&str; 13] = [
    // Chat completions, Ollama.
    "stop",
    "length",
    "tool_calls",
    "content_filter",
    // Anthropic, Bedrock.
    "end_turn",
    "max_tokens",
    "tool_use",
    // Gemini.
    "STOP",
    "MAX_TOKENS",
    // Cohere.
    "COMPLETE",
    "TOOL_CALL",
    // OpenAI's Responses.
    "completed",
    // Those that say nothing.
    "",
];

fn word(raw: &str) -> Cow<'static, str> {
    match LAST_WORDS.into_iter().find(|known| *known == raw) {
        Some(known) => Cow::Borrowed(known),
        None => Cow::Owned(raw.to_owned()),
    }
}

/// Collects the events of one reply.
#[derive(Debug, Default)]
pub struct Emitter {
    queue: VecDeque<Event>,
    started: bool,
    /// The vendor has told of a failure: of what follows only the tokens count.
    failed: bool,
    closed: bool,
    next_part: u32,
    prose: Option<(Prose, u32)>,
    calls: Vec<Call>,
    /// Bytes of the calls' names and ids.
    named: usize,
    usage: Option<Usage>,
    finish: Option<(FinishReason, Cow<'static, str>)>,
    counted: Counted,
}

/// What has passed through so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counted {
    pub(crate) events: u64,
    pub(crate) text_bytes: u64,
}

/// The kinds of running text; one is open at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Prose {
    Text,
    Reasoning,
    Refusal,
}

/// A tool call that is still open.
#[derive(Debug)]
struct Call {
    slot: Option<u64>,
    id: Option<String>,
    name: String,
    /// The vendor calls the tool itself.
    provider_executed: bool,
    /// Its part, once it is announced: with the first argument, when its name can no longer grow.
    part: Option<u32>,
    /// Nothing is added to it any more.
    ended: bool,
}

impl Emitter {
    /// All events of a reply come at once: makes room for as many as an answer in words has.
    pub(crate) fn expect_whole(&mut self) {
        self.queue.reserve(6);
    }

    /// The reply has begun. Only the first call counts; an empty id or model is none.
    pub fn start(&mut self, id: Option<&str>, model: Option<&str>) {
        if self.started || self.is_over() {
            return;
        }
        let known = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
        let (id, model) = (known(id), known(model));
        if id.is_some() || model.is_some() {
            self.started = true;
            self.push(Event::Started { id, model });
        }
    }

    /// A piece of the answer.
    pub fn text(&mut self, text: &str) {
        self.prose(Prose::Text, text);
    }

    /// A piece of the model's thinking.
    pub fn reasoning(&mut self, text: &str) {
        self.prose(Prose::Reasoning, text);
    }

    /// A piece of the model's declining.
    pub fn refusal(&mut self, text: &str) {
        self.prose(Prose::Refusal, text);
    }

    /// A fragment of a tool call. `slot` is the wire's number for it, where it has one: a slot that comes back with another
    /// id and a name is a new call. Without a slot, an unknown id or a name begins a call and anything else continues the last.
    pub fn tool_call(&mut self, slot: Option<u64>, id: Option<&str>, name: Option<&str>, arguments: &str) {
        self.call(slot, id, name, arguments, false);
    }

    /// The beginning of a call that the vendor makes itself, with what is known of its arguments; more of them come as
    /// fragments of a [`tool_call`](Self::tool_call).
    pub fn provider_call(
        &mut self,
        slot: Option<u64>,
        id: Option<&str>,
        name: Option<&str>,
        arguments: &str,
    ) {
        self.call(slot, id, name, arguments, true);
    }

    fn call(
        &mut self,
        slot: Option<u64>,
        id: Option<&str>,
        name: Option<&str>,
        arguments: &str,
        provider_executed: bool,
    ) {
        if self.is_over() {
            return;
        }
        let id = id.filter(|id| !id.is_empty());
        let name = name.filter(|name| !name.is_empty());
        let known = match slot {
            Some(_) => self.calls.iter().rposition(|call| call.slot == slot).filter(|&at| {
                let other = |call: &Call| id.is_some() && call.id.is_some() && call.id.as_deref() != id;
                !(name.is_some() && self.calls.get(at).is_some_and(other))
            }),
            None => match id {
                Some(id) => self.calls.iter().rposition(|call| call.id.as_deref() == Some(id)),
                None => self.calls.len().checked_sub(1).filter(|_| name.is_none()),
            },
        };
        let at = known.unwrap_or_else(|| {
            let (id, name, part, ended) = (None, String::new(), None, false);
            self.calls.push(Call { slot, id, name, provider_executed, part, ended });
            self.calls.len() - 1
        });
        let Some(call) = self.calls.get_mut(at).filter(|call| !call.ended) else { return };
        if let (None, Some(id)) = (&call.id, id) {
            call.id = Some(id.to_owned());
            self.named += id.len();
        }
        if let Some(name) = name
            && call.part.is_none()
            && call.name != name
        {
            call.name.push_str(name);
            self.named += name.len();
        }
        if !arguments.is_empty() {
            let part = self.announce_in_order(at);
            self.end_prose();
            self.delta(part, arguments);
        }
    }

    /// The wire says that a call is complete. Wires that do not say so leave it to the end of the turn.
    pub fn end_tool_call(&mut self, slot: Option<u64>) {
        let found = self.calls.iter().rposition(|call| call.slot == slot && !call.ended);
        let Some(at) = found.filter(|_| !self.is_over()) else { return };
        let part = self.announce_in_order(at);
        if let Some(call) = self.calls.get_mut(at) {
            call.ended = true;
        }
        self.end_prose();
        self.push(Event::PartFinished { part });
    }

    /// The vendor's mark on the thinking so far, which ends that part; without one, on thinking that is not shown.
    pub fn sign_reasoning(&mut self, signature: Signature) {
        self.sign_prose(Prose::Reasoning, signature);
    }

    /// The vendor's mark on the answer so far, which ends that part.
    pub fn sign_text(&mut self, signature: Signature) {
        self.sign_prose(Prose::Text, signature);
    }

    /// The vendor's mark on the call that was last begun.
    pub fn sign_tool_call(&mut self, signature: Signature) {
        let is_open = self.calls.last().is_some_and(|call| !call.ended) && !self.is_over();
        if let Some(last) = self.calls.len().checked_sub(1).filter(|_| is_open) {
            let part = self.announce_in_order(last);
            self.push(Event::Signature { part, signature });
        }
    }

    /// How likely tokens of the answer were.
    pub fn logprobs(&mut self, tokens: Vec<TokenLogprob>) {
        if !tokens.is_empty() && !self.failed {
            self.push(Event::Logprobs(tokens));
        }
    }

    /// The vendor's count of tokens so far; the last one holds.
    pub fn usage(&mut self, usage: Usage) {
        self.usage = Some(usage);
    }

    /// The wire's own end of the turn. The last word holds.
    pub fn finish(&mut self, reason: FinishReason, raw: &str) {
        if !self.failed {
            self.finish = Some((reason, word(raw)));
        }
    }

    /// A frame that the decoder does not know.
    pub fn unknown(&mut self, frame: &[u8]) {
        if self.is_over() {
            return;
        }
        self.push(Event::Unknown(String::from_utf8_lossy(frame).into_owned()));
    }

    /// Whether the wire's own end was seen.
    pub fn is_finished(&self) -> bool {
        self.finish.is_some()
    }

    /// Whether a tool call was seen that the client is to make.
    pub fn has_tool_calls(&self) -> bool {
        self.calls.iter().any(|call| !call.provider_executed)
    }

    /// Whether a tool call was seen, whoever is to make it.
    pub(crate) fn has_calls(&self) -> bool {
        !self.calls.is_empty()
    }

    /// Whether the end has been emitted.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed
    }

    /// Emits the end: open parts, the usage, the reason. Without [`finish`](Self::finish) the parts are left open.
    pub(crate) fn close(&mut self) {
        if !self.is_over() {
            self.end();
        }
    }

    /// The vendor has told of a failure. What came before it stands; of what follows only the tokens are taken, and the end is
    /// for [`abandon`](Self::abandon) or [`admit`](Self::admit) to emit.
    pub(crate) fn fail(&mut self) {
        if !self.is_over() {
            self.announce_all();
            self.failed = true;
        }
    }

    /// Emits what a reply without an end leaves behind: the calls so far and the usage.
    pub(crate) fn abandon(&mut self) {
        self.finish = None;
        self.admit();
    }

    /// As [`abandon`](Self::abandon), with the end that the wire told before the failure.
    pub(crate) fn admit(&mut self) {
        self.failed = false;
        if !self.closed {
            self.end();
            self.closed = true;
        }
    }

    fn end(&mut self) {
        self.announce_all();
        if let Some(usage) = self.usage.take() {
            self.push(Event::Usage(usage));
        }
        let Some((mut reason, raw)) = self.finish.take() else { return };
        if reason == FinishReason::Stop && self.has_tool_calls() {
            reason = FinishReason::ToolCalls; // a forced call ends with "stop" although the tools are the answer
        }
        self.end_prose();
        let open = std::mem::take(&mut self.calls).into_iter().filter(|call| !call.ended);
        for part in open.filter_map(|call| call.part) {
            self.push(Event::PartFinished { part });
        }
        self.push(Event::Finished { reason, raw });
        self.closed = true;
    }

    /// Whether what is kept between frames is still within bounds: a reply may be endless, its open calls may not.
    pub(crate) fn check(&self, limit: usize) -> Result<()> {
        if self.calls.len() <= MOST_CALLS && self.named <= limit {
            return Ok(());
        }
        Err(Error::new(
            ErrorCode::Protocol,
            format!("the reply calls more than {MOST_CALLS} tools, or one without end"),
        ))
    }

    /// The next event.
    pub(crate) fn pop(&mut self) -> Option<Event> {
        self.queue.pop_front()
    }

    /// All events that wait.
    pub(crate) fn drain(&mut self) -> impl Iterator<Item = Event> + '_ {
        self.queue.drain(..)
    }

    pub(crate) fn counted(&self) -> Counted {
        self.counted
    }

    fn prose(&mut self, kind: Prose, text: &str) {
        if text.is_empty() || self.is_over() {
            return;
        }
        let part = self.part_of(kind);
        self.delta(part, text);
        if kind == Prose::Text {
            self.counted.text_bytes += text.len() as u64;
        }
    }

    fn sign_prose(&mut self, kind: Prose, signature: Signature) {
        if self.is_over() {
            return;
        }
        let part = self.part_of(kind);
        self.push(Event::Signature { part, signature });
        self.end_prose();
    }

    /// The open part of this kind, opened where it is not.
    fn part_of(&mut self, kind: Prose) -> u32 {
        if let Some((open, part)) = self.prose
            && open == kind
        {
            return part;
        }
        self.end_prose();
        let part = self.open(match kind {
            Prose::Text => PartKind::Text,
            Prose::Reasoning => PartKind::Reasoning,
            Prose::Refusal => PartKind::Refusal,
        });
        self.prose = Some((kind, part));
        part
    }

    /// Ends the running text, so that what follows is a part of its own.
    pub fn end_prose(&mut self) {
        if let Some((_, part)) = self.prose.take() {
            self.push(Event::PartFinished { part });
        }
    }

    /// Whether nothing of the answer is taken any more.
    fn is_over(&self) -> bool {
        self.failed || self.closed
    }

    fn announce_all(&mut self) {
        (0..self.calls.len()).for_each(|at| _ = self.announce(at));
    }

    /// Calls keep the order in which they began, whichever has its arguments first.
    fn announce_in_order(&mut self, at: usize) -> u32 {
        if self.calls.get(at).is_some_and(|call| call.part.is_none()) {
            (0..at).for_each(|before| _ = self.announce(before));
        }
        self.announce(at)
    }

    fn announce(&mut self, at: usize) -> u32 {
        let Some(call) = self.calls.get_mut(at) else { return self.next_part };
        if let Some(part) = call.part {
            return part;
        }
        call.part = Some(self.next_part);
        let (id, name) = (call.id.clone(), call.name.clone());
        let kind = PartKind::ToolCall { id, name, provider_executed: call.provider_executed };
        self.end_prose();
        self.open(kind)
    }

    fn open(&mut self, kind: PartKind) -> u32 {
        let part = self.next_part;
        self.next_part += 1;
        self.push(Event::PartStarted { part, kind });
        part
    }

    fn delta(&mut self, part: u32, text: &str) {
        self.push(Event::Delta { part, text: text.to_owned() });
    }

    fn push(&mut self, event: Event) {
        if self.closed {
            return; // after the end there is nothing
        }
        self.counted.events += 1;
        self.queue.push_back(event);
    }
}

#[cfg(test)]
mod tests;
