//! What inputs are made from: a few hand-written ones for every wire, so that a clean clone can begin, and recorded ones.

mod anthropic;
mod bedrock_converse;
mod cohere;
mod gemini;
mod ollama;
mod openai_chat;
mod openai_responses;

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use graphbit_llm::vendor::Wire;
use graphbit_testkit::recorded::{Recording, Recordings};

use crate::target::{Reader, WIRES};

/// The largest seed, in bytes: larger ones say nothing new and take the time of many.
const MOST_BYTES: usize = 64 << 10;

/// The bodies that a wire knows.
struct Written {
    replies: &'static [&'static str],
    streams: &'static [&'static str],
    errors: &'static [&'static str],
}

/// Every seed there is, by its wire and kind.
#[derive(Debug, Default)]
pub(crate) struct Seeds(Vec<(Wire, Kind, Vec<u8>)>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Reply,
    Stream,
    Error,
}

impl Seeds {
    /// The hand-written ones.
    pub(crate) fn written() -> Self {
        let mut seeds = Vec::new();
        for (_, wire, _) in WIRES {
            let Written { replies, streams, errors } = written(*wire);
            let kinds = [(Kind::Reply, replies), (Kind::Stream, streams), (Kind::Error, errors)];
            let bodies =
                kinds.into_iter().flat_map(|(kind, bodies)| bodies.iter().map(move |body| (kind, body)));
            seeds.extend(bodies.map(|(kind, body)| (*wire, kind, body.as_bytes().to_vec())));
        }
        let streams = bedrock_converse::streams().into_iter();
        seeds.extend(streams.map(|body| (Wire::BedrockConverse, Kind::Stream, body)));
        Self(seeds)
    }

    /// Adds the recorded exchanges below a folder.
    ///
    /// # Errors
    /// When there is none, or one that cannot be read.
    pub(crate) fn add_recorded(&mut self, dir: &Path) -> io::Result<()> {
        for case in Recordings::open(dir)?.iter() {
            let case = case?;
            let wire = WIRES.iter().find(|(_, _, dialect)| *dialect == case.dialect);
            if let Some((_, wire, _)) = wire.filter(|_| case.response.len() <= MOST_BYTES) {
                self.0.push((*wire, kind(&case), case.response.to_vec()));
            }
        }
        Ok(())
    }

    /// Those that a reader understands, each once.
    pub(crate) fn of(&self, reader: Reader) -> impl Iterator<Item = Vec<u8>> {
        let is_of = |wire: Wire, kind: Kind| match reader {
            Reader::Framing(_, wires) => wires.contains(&wire) && kind != Kind::Error,
            Reader::Reply(own) => own == wire && kind != Kind::Stream,
            Reader::Stream(own) => own == wire && kind == Kind::Stream,
            Reader::Error(own) => own == wire && kind == Kind::Error,
        };
        let found = self.0.iter().filter(|(wire, kind, _)| is_of(*wire, *kind));
        let once: BTreeSet<Vec<u8>> = found.map(|(_, _, body)| body.clone()).collect();
        once.into_iter()
    }
}

fn kind(case: &Recording) -> Kind {
    let is_json = case.headers.get("content-type").is_some_and(|kind| kind.starts_with("application/json"));
    match (case.http_status, case.streaming) {
        (400.., _) => Kind::Error,
        (_, true) if !is_json => Kind::Stream,
        _ => Kind::Reply,
    }
}

fn written(wire: Wire) -> Written {
    match wire {
        Wire::OpenAiChat => openai_chat::SEEDS,
        Wire::OpenAiResponses => openai_responses::SEEDS,
        Wire::AnthropicMessages => anthropic::SEEDS,
        Wire::Gemini => gemini::SEEDS,
        Wire::Cohere => cohere::SEEDS,
        Wire::Ollama => ollama::SEEDS,
        Wire::BedrockConverse => bedrock_converse::SEEDS,
        _ => Written { replies: &[], streams: &[], errors: &[] },
    }
}
