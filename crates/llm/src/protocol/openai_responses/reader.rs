//! Output items → parts of the reply. An item comes in pieces, whole, or both ways: what came in pieces is not taken again.

use std::collections::BTreeMap;

use graphbit_core::{Error, ErrorCode, Result};
use serde_json::value::RawValue;

use super::WIRE;
use super::wire::{Item, Items, Part, parts};
use crate::Signature;
use crate::protocol::lenient::{json_text, present};
use crate::protocol::logprobs;
use crate::protocol::{Emitter, MOST_CALLS};

/// The largest item of thinking that is kept to be sent back: the cipher of more tokens than a model may think.
const MOST_PROOF: usize = 8 << 20;

/// What has been taken from the items so far.
#[derive(Debug, Default)]
pub(super) struct Reader {
    items: BTreeMap<u64, Taken>,
    /// The item last spoken of, for servers that do not number them.
    current: u64,
    /// The item and the piece of it that the last thinking came from.
    thought: Option<(u64, u64)>,
}

/// What has been taken from one item.
#[derive(Debug, Default)]
struct Taken {
    text: bool,
    refusal: bool,
    thinking: Option<Thinking>,
    /// The item of thinking itself, to be sent back.
    proof: bool,
    call: bool,
    arguments: bool,
    done: bool,
}

/// The two places where thinking is shown. Of a server that uses both, the first is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Thinking {
    /// A summary of it, in paragraphs.
    Summary,
    /// The thinking itself.
    Content,
}

/// A kind of running text and which piece of its item it belongs to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Piece {
    Text,
    Refusal,
    Thinking(Thinking, u64),
    Arguments,
}

impl Reader {
    /// A piece of an item.
    pub(super) fn piece(
        &mut self,
        index: Option<u64>,
        piece: Piece,
        text: &str,
        out: &mut Emitter,
    ) -> Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        let index = index.unwrap_or(self.current);
        let taken = taken(&mut self.items, index)?;
        match piece {
            Piece::Text => {
                taken.text = true;
                out.text(text);
            }
            Piece::Refusal => {
                taken.refusal = true;
                out.refusal(text);
            }
            Piece::Thinking(kind, part) => {
                if *taken.thinking.get_or_insert(kind) == kind {
                    think(&mut self.thought, (index, part), text, out);
                }
            }
            // Of a call that was not announced nobody knows the name: it is taken whole, later.
            Piece::Arguments if taken.call => {
                taken.arguments = true;
                out.tool_call(Some(index), None, None, text);
            }
            Piece::Arguments => {}
        }
        Ok(())
    }

    /// An item begins. `false` when its kind is unknown.
    pub(super) fn added(&mut self, index: Option<u64>, item: &Item<'_>, out: &mut Emitter) -> Result<bool> {
        self.current = index.unwrap_or(self.items.len() as u64);
        let taken = taken(&mut self.items, self.current)?;
        match item.kind.as_str() {
            "message" | "reasoning" => Ok(true),
            "function_call" | "custom_tool_call" => {
                if !taken.call && item.name.some().is_some() {
                    taken.call = true;
                    call(self.current, item, "", out);
                }
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// An item, whole, and as it came. `false` when its kind is unknown.
    pub(super) fn whole(
        &mut self,
        index: Option<u64>,
        item: &Item<'_>,
        raw: &str,
        out: &mut Emitter,
    ) -> Result<bool> {
        let known = self.items.get(&self.current).is_some_and(|taken| !taken.done);
        let next = if known { self.current } else { self.items.len() as u64 };
        let index = index.unwrap_or(next);
        let taken = taken(&mut self.items, index)?;
        if std::mem::replace(&mut taken.done, true) {
            return Ok(true);
        }
        match item.kind.as_str() {
            "message" => message(taken, item, out)?,
            "reasoning" => {
                if taken.thinking.is_none() {
                    let mut pieces = parts(item.summary).map_err(corrupt)?;
                    if pieces.is_empty() {
                        pieces = parts(item.content).map_err(corrupt)?;
                    }
                    for (part, piece) in (0..).zip(&pieces) {
                        taken.thinking = Some(Thinking::Summary);
                        think(&mut self.thought, (index, part), piece.text.as_str(), out);
                    }
                }
                let was_shown = taken.thinking.is_some();
                if !taken.proof && is_proof(item) && raw.len() <= MOST_PROOF {
                    taken.proof = true;
                    out.sign_reasoning(Signature::new(WIRE, raw));
                } else if was_shown {
                    out.end_prose();
                }
            }
            kind @ ("function_call" | "custom_tool_call") => {
                let raw = if kind == "function_call" { item.arguments } else { item.input };
                let text = json_text(raw.filter(|_| !taken.arguments));
                taken.arguments = true;
                if std::mem::replace(&mut taken.call, true) {
                    out.tool_call(Some(index), None, None, &text);
                } else {
                    call(index, item, &text, out);
                }
                out.end_tool_call(Some(index));
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The list of all items at the end. Most often everything in it came before; what no event brought is taken from it.
    /// Its places are no item numbers: some servers leave items out of it, or send it empty.
    pub(super) fn rest(&mut self, output: Option<&RawValue>, out: &mut Emitter) -> Result<()> {
        let complete = !self.items.is_empty() && self.items.values().all(|taken| taken.done);
        let Some(raw) = output.filter(|_| !complete) else { return Ok(()) };
        let Items(items) = serde_json::from_str(raw.get()).map_err(corrupt)?;
        let came = |what: fn(&Taken) -> bool| self.items.values().any(what);
        let (text, refusal) = (came(|taken| taken.text), came(|taken| taken.refusal));
        let (thinking, proof) = (came(|taken| taken.thinking.is_some()), came(|taken| taken.proof));
        let calls = out.has_calls();
        let mut reader = Self::default();
        for (index, raw) in (0..).zip(items) {
            let item: Item<'_> = serde_json::from_str(raw.get()).map_err(corrupt)?;
            let taken = taken(&mut reader.items, index)?;
            (taken.text, taken.refusal, taken.proof) = (text, refusal, proof);
            taken.thinking = thinking.then_some(Thinking::Summary);
            if !(calls && item.kind.as_str().ends_with("_call")) {
                reader.whole(Some(index), &item, raw.get(), out)?;
            }
        }
        Ok(())
    }
}

fn taken(items: &mut BTreeMap<u64, Taken>, index: u64) -> Result<&mut Taken> {
    if items.len() >= MOST_CALLS && !items.contains_key(&index) {
        let message = format!("the reply has more than {MOST_CALLS} output items");
        return Err(Error::new(ErrorCode::Protocol, message));
    }
    Ok(items.entry(index).or_default())
}

fn message(taken: &mut Taken, item: &Item<'_>, out: &mut Emitter) -> Result<()> {
    let (text, refusal) = (taken.text, taken.refusal);
    if text && refusal {
        return Ok(());
    }
    let say = |part: Part<'_>| match part.kind.as_str() {
        "output_text" | "text" if !text => {
            taken.text = true;
            out.logprobs(logprobs::read(part.logprobs));
            out.text(part.text.as_str());
        }
        "refusal" if !refusal => {
            taken.refusal = true;
            out.refusal(part.refusal.as_str());
        }
        _ => {}
    };
    parts(item.content).map_err(corrupt)?.into_iter().for_each(say);
    Ok(())
}

/// Whether there is something in an item of thinking that its vendor can read again: what it does not store, it cannot look
/// up by the item's id, and refuses.
fn is_proof(item: &Item<'_>) -> bool {
    item.encrypted_content.some().is_some() || present(item.content).is_some()
}

/// Thinking comes in paragraphs.
fn think(last: &mut Option<(u64, u64)>, at: (u64, u64), text: &str, out: &mut Emitter) {
    if last.replace(at).is_some_and(|last| last != at) {
        out.reasoning("\n\n");
    }
    out.reasoning(text);
}

/// Begins a call. xAI shows what its own search does as calls of tools that nobody has told it of; their ids alone tell.
fn call(index: u64, item: &Item<'_>, arguments: &str, out: &mut Emitter) {
    let (id, name) = (call_id(item), item.name.some());
    if item.kind.as_str() == "custom_tool_call" && id.is_some_and(|id| id.starts_with("xs_call")) {
        out.provider_call(Some(index), id, name, arguments);
    } else {
        out.tool_call(Some(index), id, name, arguments);
    }
}

/// The id to answer with; the item's own id is another one.
fn call_id<'a>(item: &'a Item<'_>) -> Option<&'a str> {
    item.call_id.some().or_else(|| item.id.some())
}

fn corrupt(error: serde_json::Error) -> Error {
    Error::new(ErrorCode::Protocol, "an output item of the reply cannot be read").caused_by(error)
}
