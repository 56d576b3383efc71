//! A run's events, pulled: each call crosses into native code once and brings back all that has arrived.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use graphbit_core::{Error, Result};
use graphbit_executor::{
    DeltaKind, End, Events, Lease, MemoryUse, NodeMemory, NodeStatus, RunEvent, RunOptions,
};
use graphbit_llm::Usage;
use serde::Serialize;
use serde_json::Value as Json;
use tokio::task::AbortHandle;

use crate::error::fields;
use crate::promise::Settler;
use crate::stream::Brought;

/// The reader of a run's events.
#[derive(Default)]
pub(crate) struct Reading(Mutex<Place>);

#[derive(Default)]
enum Place {
    Waiting(Events),
    /// A pull is under way; the handle drops it, and the events with it.
    Pulling(Option<AbortHandle>),
    /// Before the run has started, and when nothing more is wanted or comes.
    #[default]
    Closed,
}

/// About how many bytes of JSON one pull brings: what nodes give may be large.
const PULL: usize = 1 << 20;

impl Reading {
    /// Has a run hand over its events from the first on.
    pub(crate) fn watched_by(self: &Arc<Self>, options: RunOptions) -> RunOptions {
        let reading = Arc::clone(self);
        options.watch(move |events| *reading.place() = Place::Waiting(events))
    }

    /// Waits for events and settles the promise.
    pub(crate) fn pull(self: &Arc<Self>, lease: &Lease, settler: Settler<Brought>) {
        let mut place = self.place();
        match std::mem::take(&mut *place) {
            Place::Closed => settler.settle(Ok(Brought::End)),
            pulling @ Place::Pulling(_) => {
                *place = pulling;
                drop(place);
                settler.settle(Err(Error::invalid_input(
                    "the events are being read already: wait for the last pull",
                )));
            }
            Place::Waiting(mut events) => {
                let reading = Arc::clone(self);
                let task = lease.spawn(async move {
                    let brought = gather(&mut events).await;
                    reading.put_back(match brought {
                        Ok(Brought::Events(_)) => Place::Waiting(events),
                        _ => Place::Closed,
                    });
                    settler.settle(brought);
                });
                *place = Place::Pulling(Some(task.abort_handle()));
            }
        }
    }

    /// Nobody reads any more: nothing is kept from now on.
    pub(crate) fn close(&self) {
        let before = std::mem::take(&mut *self.place());
        if let Place::Pulling(Some(task)) = before {
            task.abort();
        }
    }

    /// The next pull may come as soon as the promise settles. One that was closed meanwhile stays so.
    fn put_back(&self, after: Place) {
        let mut place = self.place();
        if matches!(*place, Place::Pulling(_)) {
            *place = after;
        }
    }

    fn place(&self) -> MutexGuard<'_, Place> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What has arrived, waiting for at least one event.
async fn gather(events: &mut Events) -> Result<Brought> {
    let Some(first) = events.next().await else { return Ok(Brought::End) };
    let mut text = vec![b'['];
    write(&first, &mut text)?;
    while text.len() < PULL {
        let Some(event) = events.try_next() else { break };
        text.push(b',');
        write(&event, &mut text)?;
    }
    text.push(b']');
    String::from_utf8(text).map(Brought::Events).map_err(unwritable)
}

fn write(event: &RunEvent, text: &mut Vec<u8>) -> Result<()> {
    serde_json::to_writer(text, &Wire::of(event)).map_err(unwritable)
}

fn unwritable(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::internal("an event cannot be written as JSON").caused_by(error)
}

/// An event as the facade reads it. Outputs are written as they are, without a copy.
#[derive(Serialize)]
#[serde(tag = "type", rename_all_fields = "camelCase")]
enum Wire<'a> {
    #[serde(rename = "run.started")]
    RunStarted { run_id: &'a str, workflow: &'a str },
    #[serde(rename = "run.waiting")]
    RunWaiting { run_id: &'a str },
    #[serde(rename = "node.started")]
    NodeStarted { node_id: &'a str },
    #[serde(rename = "node.retried")]
    NodeRetried { node_id: &'a str, attempt: u32, error: Json },
    #[serde(rename = "node.delta")]
    NodeDelta { node_id: &'a str, kind: &'static str, text: &'a str },
    #[serde(rename = "node.paused")]
    NodePaused { node_id: &'a str, question: &'a Json },
    #[serde(rename = "node.skipped")]
    NodeSkipped { node_id: &'a str, status: NodeStatus },
    #[serde(rename = "node.finished")]
    NodeFinished {
        node_id: &'a str,
        status: NodeStatus,
        output: Option<&'a Json>,
        error: Option<Json>,
        duration_ms: f64,
        attempts: u32,
        usage: Option<&'a Usage>,
        finish_reason: Option<&'static str>,
        memory: NodeMemory,
    },
    #[serde(rename = "custom")]
    Custom { node_id: &'a str, name: &'a str, data: &'a Json },
    #[serde(rename = "lagged")]
    Lagged { missed: u64 },
    #[serde(rename = "run.finished")]
    RunFinished {
        run_id: &'a str,
        status: &'static str,
        error: Option<Json>,
        duration_ms: f64,
        memory: MemoryUse,
    },
    #[serde(rename = "unknown")]
    Unknown,
}

impl<'a> Wire<'a> {
    fn of(event: &'a RunEvent) -> Self {
        match event {
            RunEvent::RunStarted { run, workflow } => Self::RunStarted { run_id: run, workflow },
            RunEvent::RunWaiting { run } => Self::RunWaiting { run_id: run },
            RunEvent::NodeStarted { node } => Self::NodeStarted { node_id: node },
            RunEvent::NodeRetried { node, attempt, error } => {
                Self::NodeRetried { node_id: node, attempt: *attempt, error: fields(error) }
            }
            RunEvent::NodeDelta { node, kind, text } => {
                Self::NodeDelta { node_id: node, kind: kind_name(*kind), text }
            }
            RunEvent::NodePaused { node, question } => Self::NodePaused { node_id: node, question },
            RunEvent::NodeSkipped { node, status } => Self::NodeSkipped { node_id: node, status: *status },
            RunEvent::NodeFinished {
                node,
                status,
                output,
                error,
                duration_ms,
                attempts,
                usage,
                finish_reason,
                memory,
            } => Self::NodeFinished {
                node_id: node,
                status: *status,
                output: output.as_deref(),
                error: error.as_deref().map(fields),
                duration_ms: *duration_ms,
                attempts: *attempts,
                usage: usage.as_deref(),
                finish_reason: finish_reason.map(|reason| reason.as_str()),
                memory: *memory,
            },
            RunEvent::Custom { node, name, data } => Self::Custom { node_id: node, name, data },
            RunEvent::Lagged { missed } => Self::Lagged { missed: *missed },
            RunEvent::RunFinished { run, end, error, duration_ms, memory } => Self::RunFinished {
                run_id: run,
                status: match end {
                    End::Succeeded => "succeeded",
                    End::Failed => "failed",
                    End::Cancelled => "cancelled",
                },
                error: error.as_deref().map(fields),
                duration_ms: *duration_ms,
                memory: *memory,
            },
            _ => Self::Unknown,
        }
    }
}

fn kind_name(kind: DeltaKind) -> &'static str {
    match kind {
        DeltaKind::Reasoning => "reasoning",
        DeltaKind::ToolCall => "tool_call",
        _ => "text",
    }
}
