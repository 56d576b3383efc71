//! A reply that is kept as it passes.

use crate::{Event, FinishReason, PartKind, TokenLogprob};

/// The events so far, with each part's text in one piece, and the probabilities of all tokens.
pub(super) struct Recording {
    events: Vec<Event>,
    /// Which of them grow: the text of each part, in the order of the parts, and the probabilities.
    texts: Vec<(u32, usize)>,
    logprobs: Option<usize>,
    bytes: usize,
    most: usize,
    whole: bool,
}

impl Recording {
    pub(super) fn new(most: usize) -> Self {
        Self { events: Vec::new(), texts: Vec::new(), logprobs: None, bytes: 0, most, whole: false }
    }

    /// Whether the reply may still be kept.
    pub(super) fn add(&mut self, event: &Event) -> bool {
        match event {
            Event::PartStarted { kind: PartKind::Refusal, .. } => return false,
            Event::Finished { reason, .. }
                if !matches!(reason, FinishReason::Stop | FinishReason::ToolCalls) =>
            {
                return false;
            }
            Event::Unknown(_) => return true,
            Event::Finished { .. } => self.whole = true,
            _ => {}
        }
        match (self.grown_by(event), event) {
            (Some(Event::Delta { text, .. }), Event::Delta { text: more, .. }) => {
                text.push_str(more);
                self.bytes += more.len();
            }
            (Some(Event::Logprobs(tokens)), Event::Logprobs(more)) => {
                tokens.extend_from_slice(more);
                self.bytes += more.iter().map(logprob).sum::<usize>();
            }
            _ => {
                match event {
                    Event::Delta { part, .. } => self.texts.push((*part, self.events.len())),
                    Event::Logprobs(_) => self.logprobs = Some(self.events.len()),
                    _ => {}
                }
                self.bytes += bytes(event);
                self.events.push(event.clone());
            }
        }
        self.bytes <= self.most
    }

    /// The event that grows by another one, if there is one already.
    fn grown_by(&mut self, event: &Event) -> Option<&mut Event> {
        let at = match event {
            Event::Delta { part, .. } => self.texts.iter().rev().find(|(known, _)| known == part)?.1,
            Event::Logprobs(_) => self.logprobs?,
            _ => return None,
        };
        self.events.get_mut(at)
    }

    /// The events, once the last one has come.
    pub(super) fn whole(&mut self) -> Option<Vec<Event>> {
        if !self.whole {
            return None;
        }
        let mut events = std::mem::take(&mut self.events);
        for event in &mut events {
            match event {
                Event::Delta { text, .. } => text.shrink_to_fit(),
                // Nobody is billed for what comes from memory.
                Event::Usage(usage) => usage.cost = usage.cost.map(|_| 0.0),
                Event::Logprobs(tokens) => tokens.shrink_to_fit(),
                _ => {}
            }
        }
        Some(events)
    }
}

/// What an event holds in memory, about.
pub(super) fn bytes(event: &Event) -> usize {
    let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let own = match event {
        Event::Started { id, model } => text(id) + text(model),
        Event::PartStarted { kind: PartKind::ToolCall { id, name, .. }, .. } => text(id) + name.len(),
        Event::Delta { text, .. } | Event::Unknown(text) => text.len(),
        Event::Signature { signature, .. } => signature.wire.len() + signature.value.len(),
        Event::Logprobs(tokens) => tokens.iter().map(logprob).sum(),
        Event::Usage(usage) => usage.raw.get().len(),
        Event::Finished { raw, .. } => raw.len(),
        Event::PartStarted { .. } | Event::PartFinished { .. } => 0,
    };
    size_of::<Event>() + own
}

fn logprob(of: &TokenLogprob) -> usize {
    let top = of.top.iter().map(|(token, _)| size_of::<(String, f64)>() + token.len());
    size_of::<TokenLogprob>() + of.token.len() + top.sum::<usize>()
}
