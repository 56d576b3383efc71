//! A run under way: its events, its questions, its picture, and the ways to end it.

use std::sync::Arc;

use graphbit_core::{Error, Result};
use graphbit_executor::{Control, Executor, Receipt};
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
        match &self.started {
            Some((control, _)) => control.to_mermaid(workflow.graph()),
            None => workflow.graph().to_mermaid(),
        }
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

fn value(json: &str) -> Result<Value> {
    serde_json::from_str(json).map_err(|error| Error::invalid_input(format!("not JSON: {error}")))
}
