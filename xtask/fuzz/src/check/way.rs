//! How an input was read, in a number: which kinds of events or frames followed which, and how it ended. Inputs of which no
//! other was read in the same way are worth changing further.

use graphbit_core::Error;
use graphbit_llm::{Event, PartKind};

use crate::finding::hash;

/// The kinds that came, and after which.
#[derive(Debug, Default)]
pub(super) struct Way {
    last: usize,
    followed: [u16; 16],
}

impl Way {
    /// Adds a kind: a number below 16.
    pub(super) fn add(&mut self, kind: usize) {
        if let Some(after) = self.followed.get_mut(self.last) {
            *after |= 1 << kind;
        }
        self.last = kind;
    }

    pub(super) fn event(&mut self, event: &Event) {
        self.add(match event {
            Event::Started { .. } => 1,
            Event::PartStarted { kind: PartKind::Text, .. } => 2,
            Event::PartStarted { kind: PartKind::Reasoning, .. } => 3,
            Event::PartStarted { kind: PartKind::Refusal, .. } => 4,
            Event::PartStarted { .. } => 5,
            Event::Delta { .. } => 6,
            Event::Signature { .. } => 7,
            Event::Logprobs(_) => 8,
            Event::PartFinished { .. } => 9,
            Event::Usage(_) => 10,
            Event::Finished { reason, .. } => 11 + *reason as usize % 4,
            _ => 15,
        });
    }

    /// The number.
    pub(super) fn end(&self, error: Option<&Error>) -> u64 {
        let mut bytes: Vec<u8> = self.followed.iter().flat_map(|kinds| kinds.to_le_bytes()).collect();
        if let Some(error) = error {
            // What a message quotes comes after a colon.
            let words = error.message().split(':').next().unwrap_or_default();
            bytes.extend_from_slice(error.code().as_str().as_bytes());
            bytes.extend(words.bytes().filter(|byte| !byte.is_ascii_digit()));
        }
        hash(&bytes)
    }
}
