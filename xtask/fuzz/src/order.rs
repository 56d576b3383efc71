//! What the events of every reply keep to, whatever was sent.

use graphbit_llm::{Event, PartKind};

/// The events so far.
#[derive(Debug, Default)]
pub(crate) struct Order {
    started: bool,
    parts: u32,
    /// The parts that are open, and whether each is running text.
    open: Vec<(u32, bool)>,
    finished: bool,
}

impl Order {
    /// Adds an event; the error says what it breaks.
    pub(crate) fn add(&mut self, event: &Event) -> Result<(), &'static str> {
        if self.finished {
            return Err("something comes after the end");
        }
        match event {
            Event::Started { .. } if std::mem::replace(&mut self.started, true) => Err("it starts twice"),
            Event::Started { id: None, model: None } => Err("it starts with nothing to say"),
            Event::PartStarted { part, .. } if *part != self.parts => {
                Err("a part has another number than the next")
            }
            Event::PartStarted { .. } if self.open.iter().any(|(_, prose)| *prose) => {
                Err("a part begins within running text")
            }
            Event::PartStarted { part, kind } => {
                self.open.push((*part, !matches!(kind, PartKind::ToolCall { .. })));
                self.parts += 1;
                Ok(())
            }
            Event::Delta { text, .. } if text.is_empty() => Err("a part grows by nothing"),
            Event::Delta { part, .. } if self.place(*part).is_none() => Err("a part grows that is not open"),
            Event::Signature { part, .. } if self.place(*part).is_none() => {
                Err("a part is signed that is not open")
            }
            Event::PartFinished { part } => match self.place(*part) {
                Some(place) => {
                    self.open.remove(place);
                    Ok(())
                }
                None => Err("a part ends that is not open"),
            },
            Event::Finished { .. } if !self.open.is_empty() => Err("it ends before its parts"),
            Event::Finished { .. } => {
                self.finished = true;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Whether the events so far end with the end of the reply.
    pub(crate) fn is_finished(&self) -> bool {
        self.finished
    }

    fn place(&self, part: u32) -> Option<usize> {
        self.open.binary_search_by_key(&part, |(part, _)| *part).ok()
    }
}
