//! Chat completions: the unary body, and a stream as a sequence of events.

use std::borrow::Cow;
use std::fmt;

use serde::{Serialize, Serializer};

use super::{CREATED, Tokens, append};
use crate::pieces;
use crate::reply::{Reply, ToolCall};

/// What all parts of one reply share.
#[derive(Clone, Copy)]
pub(crate) struct Chat<'a> {
    pub(crate) number: u64,
    pub(crate) model: &'a str,
    pub(crate) reply: &'a Reply,
}

/// One event of a stream.
pub(crate) enum Event<'a> {
    Role,
    Text(Cow<'a, str>),
    /// A tool call is opened: its place among the calls.
    Call(usize, &'a ToolCall),
    Arguments(usize, Cow<'a, str>),
    Finish,
    Usage(Tokens),
    Done,
}

/// In how many fragments tool arguments are streamed, unless the reply says how many pieces it wants.
const FRAGMENTS: usize = 4;

impl<'a> Chat<'a> {
    /// Appends the whole body of a unary reply.
    pub(crate) fn completion(&self, out: &mut Vec<u8>, text: &str, usage: Tokens) {
        let calls = &self.reply.tool_calls;
        let tool_calls: Vec<Call<'_>> =
            calls.iter().enumerate().map(|(index, call)| self.call(index, call)).collect();
        let message = Message {
            role: "assistant",
            content: (!text.is_empty() || calls.is_empty()).then_some(text),
            tool_calls: (!calls.is_empty()).then_some(tool_calls),
        };
        let completion = Completion {
            id: Id("chatcmpl-testkit-", self.number, None),
            object: "chat.completion",
            created: CREATED,
            model: self.model,
            choices: [Choice { index: 0, message, finish_reason: self.finish_reason() }],
            usage,
        };
        append(out, &completion);
    }

    /// The content of a stream up to and without its finish reason.
    pub(crate) fn content(&self, text: &'a str) -> impl Iterator<Item = Event<'a>> + use<'a> {
        let reply = self.reply;
        // A reply that only calls tools has no text to cut or to fill up.
        let silent = text.is_empty() && !reply.tool_calls.is_empty();
        let texts =
            (!silent).then(|| pieces::pieces(text, reply.pieces)).into_iter().flatten().map(Event::Text);
        let calls = reply.tool_calls.iter().enumerate().flat_map(move |(index, call)| {
            let fragments = pieces::at_most(&call.arguments, reply.pieces.unwrap_or(FRAGMENTS));
            [Event::Call(index, call)]
                .into_iter()
                .chain(fragments.map(move |part| Event::Arguments(index, part)))
        });
        [Event::Role].into_iter().chain(texts).chain(calls)
    }

    /// Appends an event; `usage` says whether the client asked for usage at the end.
    pub(crate) fn event(&self, out: &mut Vec<u8>, event: &Event<'_>, usage: bool) {
        let mut delta = Delta::default();
        let mut finish_reason = None;
        match event {
            Event::Role => (delta.role, delta.content) = (Some("assistant"), Some("")),
            Event::Text(text) => delta.content = Some(text),
            Event::Call(index, call) => {
                let call = Call {
                    index: Some(*index),
                    function: Function { name: Some(&call.name), arguments: "" },
                    ..self.call(*index, call)
                };
                delta.tool_calls = Some([call]);
            }
            Event::Arguments(index, arguments) => {
                let function = Function { name: None, arguments };
                delta.tool_calls = Some([Call { index: Some(*index), id: None, kind: None, function }]);
            }
            Event::Finish => finish_reason = Some(self.finish_reason()),
            Event::Usage(tokens) => return self.chunk(out, [(); 0], Some(Some(*tokens))),
            Event::Done => return out.extend_from_slice(b"data: [DONE]\n\n"),
        }
        self.chunk(out, [StreamChoice { index: 0, delta, finish_reason }], usage.then_some(None));
    }

    /// `usage`: absent, null or given.
    fn chunk(&self, out: &mut Vec<u8>, choices: impl Serialize, usage: Option<Option<Tokens>>) {
        out.extend_from_slice(b"data: ");
        let chunk = Chunk {
            id: Id("chatcmpl-testkit-", self.number, None),
            object: "chat.completion.chunk",
            created: CREATED,
            model: self.model,
            choices,
            usage,
        };
        append(out, &chunk);
        out.extend_from_slice(b"\n\n");
    }

    fn call<'c>(&self, index: usize, call: &'c ToolCall) -> Call<'c> {
        let function = Function { name: Some(&call.name), arguments: &call.arguments };
        Call {
            index: None,
            id: Some(Id("call_testkit_", self.number, Some(index))),
            kind: Some("function"),
            function,
        }
    }

    fn finish_reason(&self) -> &'a str {
        let usual = if self.reply.tool_calls.is_empty() { "stop" } else { "tool_calls" };
        self.reply.finish_reason.as_deref().unwrap_or(usual)
    }
}

#[derive(Serialize)]
struct Completion<'a> {
    id: Id,
    object: &'static str,
    created: u64,
    model: &'a str,
    choices: [Choice<'a>; 1],
    usage: Tokens,
}

#[derive(Serialize)]
struct Choice<'a> {
    index: u32,
    message: Message<'a>,
    finish_reason: &'a str,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_calls: Option<Vec<Call<'a>>>,
}

#[derive(Serialize)]
struct Chunk<'a, C> {
    id: Id,
    object: &'static str,
    created: u64,
    model: &'a str,
    choices: C,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Option<Tokens>>,
}

#[derive(Serialize)]
struct StreamChoice<'a> {
    index: u32,
    delta: Delta<'a>,
    finish_reason: Option<&'a str>,
}

#[derive(Default, Serialize)]
struct Delta<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_calls: Option<[Call<'a>; 1]>,
}

#[derive(Serialize)]
struct Call<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Id>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    function: Function<'a>,
}

#[derive(Serialize)]
struct Function<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    arguments: &'a str,
}

/// An identifier written without building a string: prefix, request number, place.
struct Id(&'static str, u64, Option<usize>);

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(prefix, number, place) = self;
        write!(f, "{prefix}{number}")?;
        place.map_or(Ok(()), |place| write!(f, "_{place}"))
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests;
