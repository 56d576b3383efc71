//! What a run shares with the runs of its bodies: its id, its events, the questions that wait for an answer, and its end.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use graphbit_core::{Error, Result};
use serde_json::Value;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::event::Feed;

/// One for each run that was started.
#[derive(Debug, Default)]
pub(crate) struct Root {
    pub(crate) id: Box<str>,
    pub(crate) feed: Feed,
    questions: Mutex<BTreeMap<String, Asked>>,
    cancelled: OnceLock<String>,
    /// Until when what runs may end by itself, once nothing new may start.
    draining: OnceLock<Instant>,
}

#[derive(Debug)]
struct Asked {
    question: Value,
    answer: oneshot::Sender<Value>,
    schema: Option<std::sync::Arc<graphbit_core::Schema>>,
}

/// A question of a node that waits for its answer. Dropping it takes the question back.
pub(crate) struct Question<'a> {
    root: &'a Root,
    node: String,
    answer: oneshot::Receiver<Value>,
}

impl Root {
    pub(crate) fn new(id: Box<str>) -> Self {
        Self { id, ..Self::default() }
    }

    /// Only the first reason counts.
    pub(crate) fn cancel(&self, reason: String) -> bool {
        self.cancelled.set(reason).is_ok()
    }

    pub(crate) fn cancelled(&self) -> Option<&str> {
        self.cancelled.get().map(String::as_str)
    }

    pub(crate) fn drain(&self, until: Instant) {
        let _ = self.draining.set(until); // only the first deadline counts
    }

    pub(crate) fn draining(&self) -> Option<Instant> {
        self.draining.get().copied()
    }

    /// Asks a question for a node.
    pub(crate) fn ask(
        &self,
        node: &str,
        question: Value,
        schema: Option<std::sync::Arc<graphbit_core::Schema>>,
    ) -> Question<'_> {
        let (sender, answer) = oneshot::channel();
        self.questions().insert(node.to_owned(), Asked { question, answer: sender, schema });
        Question { root: self, node: node.to_owned(), answer }
    }

    /// The questions that wait, by node.
    pub(crate) fn asked(&self) -> Vec<(String, Value)> {
        self.questions().iter().map(|(node, asked)| (node.clone(), asked.question.clone())).collect()
    }

    /// Answers a node's question.
    ///
    /// # Errors
    /// `INVALID_INPUT` when the node does not ask, or the answer does not fit what it asks for; it goes on waiting then.
    pub(crate) fn answer(&self, node: &str, answer: Value) -> Result<()> {
        let mut questions = self.questions();
        let Some(asked) = questions.get(node) else {
            let waiting: Vec<&str> = questions.keys().map(String::as_str).collect();
            let waiting = if waiting.is_empty() { "none does".to_owned() } else { waiting.join(", ") };
            return Err(Error::invalid_input(format!(
                "node {node:?} asks nothing now; these wait for an answer: {waiting}"
            )));
        };
        let faults = asked.schema.as_ref().map(|schema| schema.faults(&answer)).unwrap_or_default();
        if !faults.is_empty() {
            let message =
                format!("the answer does not fit what node {node:?} asks for: {}", faults.join("; "));
            return Err(Error::invalid_input(message));
        }
        if let Some(asked) = questions.remove(node) {
            let _ = asked.answer.send(answer); // the node may have run out of time just now
        }
        Ok(())
    }

    fn questions(&self) -> MutexGuard<'_, BTreeMap<String, Asked>> {
        self.questions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Question<'_> {
    /// Waits for the answer.
    pub(crate) async fn answer(mut self) -> Result<Value> {
        (&mut self.answer)
            .await
            .map_err(|_| Error::internal("the question was taken back before it was answered"))
    }
}

impl Drop for Question<'_> {
    fn drop(&mut self) {
        self.root.questions().remove(&self.node);
    }
}
