//! What a run shares with the runs of its bodies: its id and its memory, its events, the questions that wait for an answer, and its end.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use graphbit_core::{Error, Result, Schema};
use graphbit_llm::Usage;
use serde_json::Value;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::RunMemory;
use crate::bodies::Bodies;
use crate::cache::Outputs;
use crate::event::Feed;

/// One for each run that was started.
#[derive(Debug)]
pub(crate) struct Root {
    pub(crate) memory: RunMemory,
    pub(crate) feed: Feed,
    /// Outputs of nodes that are cached by key, of all the executor's runs.
    pub(crate) cache: Arc<Outputs>,
    pub(crate) bodies: Bodies,
    /// Functions that have promised an outcome and not given it, by the order of their promises.
    promised: Mutex<(u64, BTreeMap<u64, String>)>,
    /// Boxed, for a run that waits for its first reply has spent nothing.
    spent: Mutex<Option<Box<Usage>>>,
    questions: Mutex<BTreeMap<String, Asked>>,
    cancelled: OnceLock<String>,
    /// Until when what runs may end by itself, once nothing new may start.
    draining: OnceLock<Instant>,
}

#[derive(Debug)]
struct Asked {
    question: Value,
    answer: oneshot::Sender<Value>,
    schema: Option<Arc<Schema>>,
}

/// A question of a node that waits for its answer. Dropping it takes the question back.
pub(crate) struct Question<'a> {
    root: &'a Root,
    node: String,
    answer: oneshot::Receiver<Value>,
}

impl Root {
    pub(crate) fn new(memory: RunMemory, cache: Arc<Outputs>) -> Self {
        Self {
            memory,
            feed: Feed::default(),
            bodies: Bodies::default(),
            cache,
            promised: Mutex::default(),
            spent: Mutex::default(),
            questions: Mutex::default(),
            cancelled: OnceLock::new(),
            draining: OnceLock::new(),
        }
    }

    pub(crate) fn id(&self) -> &str {
        self.memory.id()
    }

    /// Adds what a model's reply took, whatever becomes of the reply.
    pub(crate) fn spend(&self, usage: &Usage) {
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        spent.get_or_insert_default().add_counts(usage); // the vendors' own objects would be a long list
    }

    /// What all replies of models took.
    pub(crate) fn spent(&self) -> Usage {
        self.spent.lock().unwrap_or_else(PoisonError::into_inner).as_deref().cloned().unwrap_or_default()
    }

    /// The tokens that they read and wrote, where their vendors counted them.
    pub(crate) fn spent_tokens(&self) -> [u64; 2] {
        let spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        spent.as_deref().map_or([0; 2], |spent| [spent.input.unwrap_or(0), spent.output.unwrap_or(0)])
    }

    /// A function of a node has promised its outcome. The number is for [`kept`](Self::kept).
    pub(crate) fn promise(&self, node: String) -> u64 {
        let mut promised = self.promised.lock().unwrap_or_else(PoisonError::into_inner);
        promised.0 += 1;
        let number = promised.0;
        promised.1.insert(number, node);
        number
    }

    /// A promise was kept.
    pub(crate) fn kept(&self, number: u64) {
        self.promised.lock().unwrap_or_else(PoisonError::into_inner).1.remove(&number);
    }

    /// The nodes whose functions have not kept their promises.
    pub(crate) fn still_running(&self) -> Vec<String> {
        self.promised.lock().unwrap_or_else(PoisonError::into_inner).1.values().cloned().collect()
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
    pub(crate) fn ask(&self, node: &str, question: Value, schema: Option<Arc<Schema>>) -> Question<'_> {
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
