//! A run under way: its events, its questions, its picture, and the ways to end it.

use std::collections::HashMap;
use std::sync::Arc;

use graphbit_core::{Error, Mark, Result};
use graphbit_executor::{Control, Executor, NodeSnapshot, NodeState, Receipt};
use napi::Env;
use napi::bindgen_prelude::Unknown;
use napi_derive::napi;
use serde_json::{Value, json};

use crate::error::thrown;
use crate::events::Reading;
use crate::executor::limit;
use crate::promise::promise;
use crate::stream::Brought;
use crate::workflow::NativeWorkflow;

/// What is known of a run outside of it.
#[napi]
pub struct NativeRun {
    started: Option<(Control, Executor)>,
    events: Option<Arc<Reading>>,
}

#[napi]
impl NativeRun {
    /// `events`: whether its events are wanted.
    #[napi(constructor, catch_unwind)]
    pub fn new(events: bool) -> Self {
        Self { started: None, events: events.then(Arc::default) }
    }

    /// Its id; empty when it did not start.
    #[napi(catch_unwind)]
    pub fn id(&self) -> String {
        self.started.as_ref().map(|(control, _)| control.id().to_owned()).unwrap_or_default()
    }

    /// Stops it, and resolves to a receipt as JSON when it has ended.
    #[napi(catch_unwind)]
    pub fn cancel<'env>(&self, env: &'env Env, reason: String) -> napi::Result<Unknown<'env>> {
        self.end(env, |control| {
            control.cancel(reason);
            Ok(())
        })
    }

    /// Starts nothing new, and stops it when what is under way takes longer than the limit. As `cancel`.
    #[napi(catch_unwind)]
    pub fn drain<'env>(&self, env: &'env Env, limit_ms: f64) -> napi::Result<Unknown<'env>> {
        self.end(env, |control| {
            control.drain(limit(limit_ms)?);
            Ok(())
        })
    }

    /// Stops it without waiting.
    #[napi(catch_unwind)]
    pub fn stop(&self, reason: String) {
        if let Some((control, _)) = &self.started {
            control.cancel(reason);
        }
    }

    /// The events since the last call, waiting for at least one, as a JSON array; `null` at the end.
    #[napi(catch_unwind)]
    pub fn next_events<'env>(&self, env: &'env Env) -> napi::Result<Unknown<'env>> {
        let (promise, settler) = promise::<Brought>(env)?;
        match (&self.events, &self.started) {
            (Some(events), Some((_, executor))) => match executor.lease() {
                Ok(lease) => events.pull(&lease, settler),
                Err(error) => settler.settle(Err(error)),
            },
            _ => settler.settle(Ok(Brought::End)),
        }
        Ok(promise)
    }

    /// Nobody reads the events any more. A pull under way rejects with `CANCELLED`.
    #[napi(catch_unwind)]
    pub fn close_events(&self) {
        if let Some(events) = &self.events {
            events.close();
        }
    }

    /// Sends an event of the program's own. `data` is JSON.
    #[napi(catch_unwind)]
    pub fn emit(&self, env: &Env, node: String, name: String, data: String) -> napi::Result<()> {
        let Some((control, _)) = &self.started else { return Ok(()) };
        let data = value(&data).map_err(|error| thrown(env, &error))?;
        control.emit(&node, &name, data);
        Ok(())
    }

    /// The questions that wait for an answer, as a JSON array of `{"nodeId", "question"}`.
    #[napi(catch_unwind)]
    pub fn questions(&self) -> String {
        let asked = self.started.as_ref().map(|(control, _)| control.questions()).unwrap_or_default();
        let asked = asked.into_iter().map(|(node, question)| json!({ "nodeId": node, "question": question }));
        Value::Array(asked.collect()).to_string()
    }

    /// Answers a node's question with a value as JSON.
    #[napi(catch_unwind)]
    pub fn answer(&self, env: &Env, node: String, answer: String) -> napi::Result<()> {
        let answered = match &self.started {
            Some((control, _)) => value(&answer).and_then(|answer| control.answer(&node, answer)),
            None => Err(Error::invalid_input("the run did not start: nothing asks")),
        };
        answered.map_err(|error| thrown(env, &error))
    }

    /// What it holds, as JSON; `null` when it did not start.
    #[napi(catch_unwind)]
    pub fn memory(&self) -> Option<String> {
        self.started.as_ref().map(|(control, _)| json!(control.memory()).to_string())
    }

    /// The graph as a Mermaid flowchart, with how far each node has come.
    #[napi(catch_unwind)]
    pub fn to_mermaid(&self, workflow: &NativeWorkflow) -> String {
        let nodes = self.started.as_ref().map(|(control, _)| control.nodes()).unwrap_or_default();
        let marks: HashMap<&str, Mark> =
            nodes.iter().filter_map(|node| Some((&*node.id, mark(node)?))).collect();
        workflow.graph().to_mermaid_with(&CLASSES, |id| marks.get(id).cloned())
    }
}

impl NativeRun {
    /// The run has started.
    pub(crate) fn begin(&mut self, control: Control, executor: Executor) {
        self.started = Some((control, executor));
    }

    /// The place for its events, where they are wanted.
    pub(crate) fn events(&self) -> Option<&Arc<Reading>> {
        self.events.as_ref()
    }

    /// Has it end, and waits for the receipt.
    fn end<'env>(
        &self,
        env: &'env Env,
        how: impl FnOnce(&Control) -> Result<()>,
    ) -> napi::Result<Unknown<'env>> {
        let (promise, settler) = promise::<String>(env)?;
        let Some((control, executor)) = &self.started else {
            settler.settle(Ok(json!(Receipt::default()).to_string()));
            return Ok(promise);
        };
        match how(control).and_then(|()| executor.lease()) {
            Err(error) => settler.settle(Err(error)),
            Ok(lease) => {
                let control = control.clone();
                lease.spawn(async move { settler.settle(Ok(json!(control.ended().await).to_string())) });
            }
        }
        Ok(promise)
    }
}

/// The classes of a drawing, and their styles.
const CLASSES: [(&str, &str); 6] = [
    ("running", "fill:#fff3cd,stroke:#b58900,color:#5c4400"),
    ("succeeded", "fill:#d9f2e0,stroke:#2e8b57,color:#14532d"),
    ("failed", "fill:#fbdcdc,stroke:#c0392b,color:#7b1c12"),
    ("skipped", "fill:#f3e8e8,stroke:#a98f8f,color:#6b5a5a,stroke-dasharray:4"),
    ("notTaken", "fill:#f4f4f4,stroke:#bbbbbb,color:#888888,stroke-dasharray:4"),
    ("cancelled", "fill:#ece6f5,stroke:#7d6aa8,color:#43356b"),
];

/// How a node is drawn; one that waits is drawn plainly.
fn mark(node: &NodeSnapshot) -> Option<Mark> {
    let class = match node.state {
        NodeState::Running => "running",
        NodeState::Succeeded => "succeeded",
        NodeState::Failed => "failed",
        NodeState::Skipped => "skipped",
        NodeState::NotTaken => "notTaken",
        NodeState::Cancelled => "cancelled",
        _ => return None,
    };
    let mut note = match (node.state, node.duration) {
        (NodeState::NotTaken, None) => "not taken".to_owned(),
        (NodeState::NotTaken, Some(_)) => "passed over".to_owned(),
        _ => class.to_owned(),
    };
    if let Some(duration) = node.duration {
        note.push_str(&format!(", {duration:.1?}"));
    }
    if node.attempts > 1 {
        note.push_str(&format!(", {} attempts", node.attempts));
    }
    Some(Mark::new(class, note))
}

fn value(json: &str) -> Result<Value> {
    serde_json::from_str(json).map_err(|error| Error::invalid_input(format!("not JSON: {error}")))
}
