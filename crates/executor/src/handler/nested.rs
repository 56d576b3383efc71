//! Runs a body: a run of its own within this one, with the same runtime, model, host, events and end.

use std::pin::Pin;
use std::sync::Arc;

use graphbit_core::{Error, NodeIndex, Result};
use graphbit_llm::Usage;
use serde_json::Value;

use super::Context;
use crate::drive::drive;
use crate::machine::Machine;
use crate::state::{Done, RunState};
use crate::{Host, RunResult, Workflow};

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
    expect(context, index, 1);
    body(context, index, None, input).await.map(Done::from)
}

/// The node is about to run so many bodies.
pub(super) fn expect(context: &Context, index: NodeIndex, bodies: usize) {
    let run = &context.run;
    let place = format!("{}{}/", run.place, run.workflow.plan().id(index).unwrap_or_default());
    run.root.bodies.expect(&place, bodies as u64, *run.place == *run.path);
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
    run(context, index, (workflow, ""), number, input).await
}

/// Runs a workflow within a node. Its functions are found at a place of their own there; the body's have none.
pub(super) async fn run(
    context: &Context,
    index: NodeIndex,
    (workflow, place): (&Arc<Workflow>, &str),
    number: Option<usize>,
    input: Value,
) -> Result<Nested> {
    let (run, id) = (&context.run, context.run.workflow.plan().id(index).unwrap_or_default());
    let here = number.map_or_else(|| id.to_owned(), |number| format!("{id}/{number}"));
    workflow.accept(&input).map_err(|error| error.within(&here))?;
    let machine = Machine::new(workflow.plan(), context.max_parallel);
    let mut state =
        RunState::new(Arc::clone(&run.root), Arc::clone(workflow), input, machine, run.has_host());
    if !place.is_empty() {
        state = state.seeing(run.variables()); // a function of the graph, not a graph of its own
    }
    let state = state.within(format!("{}{here}/", run.path), format!("{}{id}/{place}", run.place).into());
    let state = Arc::new(state);
    let _counted = place.is_empty().then(|| run.root.bodies.begin(&state));
    let state = Abandoned(state, context.host.clone());
    let inner = Context {
        run: Arc::clone(&state.0),
        lease: context.lease.clone(),
        model: match &context.model {
            Ok(model) => Ok(Arc::clone(model)),
            Err(error) => Err(error.duplicate()),
        },
        host: context.host.clone(),
        max_parallel: context.max_parallel,
        gate: None,
    };
    let result = boxed(inner).await?.fitting();
    let usage = used(&result);
    match result.error() {
        Some(error) => Err(error.duplicate().within(&here)),
        None if !result.is_success() => Err(Error::internal("a body ended without a result")),
        None => Ok(Nested { output: result.final_output().unwrap_or_default(), usage }),
    }
}

/// A body's run is driven by the same driver: the box ends the recursion of their types.
fn boxed(context: Context) -> Pin<Box<dyn Future<Output = Result<RunResult>> + Send>> {
    Box::pin(drive(context, None))
}

/// The tokens of all nodes of a body.
fn used(result: &RunResult) -> Option<Box<Usage>> {
    let mut all = Usages::default();
    result.nodes().filter_map(|node| node.usage).for_each(|usage| all.add(usage));
    all.0
}

/// Tokens of many calls.
#[derive(Default)]
pub(super) struct Usages(pub(super) Option<Box<Usage>>);

impl Usages {
    pub(super) fn add(&mut self, usage: &Usage) {
        self.0.get_or_insert_default().add_counts(usage);
    }
}

/// Tells functions that still run for a body that nobody waits for them any more.
struct Abandoned(Arc<RunState>, Option<Arc<dyn Host>>);

impl Drop for Abandoned {
    fn drop(&mut self) {
        self.0.abandon("the node that it belongs to has ended without it");
        if let Some(host) = self.1.as_ref().filter(|_| !self.0.has_ended()) {
            host.give_up(&self.0.path);
        }
    }
}
