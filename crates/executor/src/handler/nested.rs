//! Runs a body: a run of its own within this one, with the same runtime, model, host, events and end.

use std::pin::Pin;
use std::sync::Arc;

use graphbit_core::{Error, ErrorCode, NodeIndex, Result};
use graphbit_llm::Usage;
use serde_json::Value;

use super::Context;
use crate::drive::drive;
use crate::machine::Machine;
use crate::state::{Done, RunState};
use crate::{RunResult, Workflow};

/// What a body gave.
pub(super) struct Nested {
    pub(super) output: Arc<Value>,
    pub(super) usage: Option<Box<Usage>>,
}

impl From<Nested> for Done {
    fn from(Nested { output, usage }: Nested) -> Self {
        Self { output, usage, finish_reason: None }
    }
}

/// A subgraph: its body, once.
pub(super) async fn once(context: &Context, index: NodeIndex) -> Result<Done> {
    let input = Arc::unwrap_or_clone(context.run.input_of(index));
    body(context, index, None, input).await.map(Done::from)
}

/// Runs the body of a node; `number` tells several of them apart.
pub(super) async fn body(
    context: &Context,
    index: NodeIndex,
    number: Option<usize>,
    input: Value,
) -> Result<Nested> {
    let workflow = context.run.workflow.body_of(index);
    let workflow = workflow.ok_or_else(|| Error::internal("a node without a body was started"))?;
    run(context, index, workflow, number, input).await
}

/// Runs a workflow within a node.
pub(super) async fn run(
    context: &Context,
    index: NodeIndex,
    workflow: &Arc<Workflow>,
    number: Option<usize>,
    input: Value,
) -> Result<Nested> {
    let (run, id) = (&context.run, context.run.workflow.plan().id(index).unwrap_or_default());
    let path = match number {
        Some(number) => format!("{}{id}/{number}/", run.path),
        None => format!("{}{id}/", run.path),
    };
    let machine = Machine::new(workflow.plan(), context.max_parallel);
    let state = RunState::new(Arc::clone(&run.root), Arc::clone(workflow), input, machine, run.has_host())
        .within(path, format!("{}{id}/", run.place).into());
    let state = Abandoned(Arc::new(state));
    let inner = Context {
        run: Arc::clone(&state.0),
        lease: context.lease.clone(),
        model: match &context.model {
            Ok(model) => Ok(Arc::clone(model)),
            Err(error) => Err(error.duplicate()),
        },
        host: context.host.clone(),
        max_parallel: context.max_parallel,
        cache: Arc::clone(&context.cache),
    };
    let result = boxed(inner).await?;
    let usage = used(&result);
    match result.error() {
        Some(error) => Err(placed(id, number, error)),
        None if !result.is_success() => Err(Error::new(ErrorCode::Internal, "a body ended without a result")),
        None => Ok(Nested { output: result.final_output().unwrap_or_default(), usage }),
    }
}

/// A body's run is driven by the same driver: the box ends the recursion of their types.
fn boxed(context: Context) -> Pin<Box<dyn Future<Output = Result<RunResult>> + Send>> {
    Box::pin(drive(context, None))
}

/// The error of a body's node, with its place within the node that has the body.
fn placed(id: &str, number: Option<usize>, error: &Error) -> Error {
    let inner = error.context().node.as_deref().unwrap_or_default();
    let place = match number {
        Some(number) => format!("{id}/{number}/{inner}"),
        None => format!("{id}/{inner}"),
    };
    error.duplicate().node(place)
}

/// The tokens of all nodes of a body.
fn used(result: &RunResult) -> Option<Box<Usage>> {
    let mut all = result.nodes().filter_map(|node| node.usage);
    let mut sum = all.next()?.clone();
    all.for_each(|usage| sum.add(usage.clone()));
    Some(Box::new(sum))
}

/// Tells functions that still run for a body that nobody waits for them any more.
struct Abandoned(Arc<RunState>);

impl Drop for Abandoned {
    fn drop(&mut self) {
        self.0.abandon();
    }
}
