//! One file a node kind: from what is upstream to the node's output.

mod agent;
mod condition;
mod function;
mod idle;
mod join;
mod nested;
mod pause;
mod repeat;
mod tool;

use std::num::NonZeroUsize;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use graphbit_core::{Error, ErrorCode, NodeIndex, NodeKind, PlanNode, Result, RetryPolicy};
use graphbit_llm::Model;
use serde_json::Value;
use tokio::time::sleep;

use crate::Host;
use crate::drive::after;
use crate::memory::Gate;
use crate::runtime::Lease;
use crate::state::{Done, RunState, Task};

/// What handlers share.
pub(crate) struct Context {
    pub(crate) run: Arc<RunState>,
    pub(crate) lease: Lease,
    /// The executor's model, or why there is none.
    pub(crate) model: Result<Arc<dyn Model>>,
    pub(crate) host: Option<Arc<dyn Host>>,
    /// How many nodes of the run, and of each body, may be under way at once.
    pub(crate) max_parallel: Option<NonZeroUsize>,
    /// Lets the run begin; a body has begun with its node.
    pub(crate) gate: Option<Arc<Gate>>,
}

/// What came of a task.
pub(crate) enum Step {
    /// The node has ended.
    Ended(NodeIndex, Result<Done>),
    /// The function of the edge between two nodes has answered.
    Decided(NodeIndex, NodeIndex, Result<Value>),
    /// The host may be given the node once more.
    Again(NodeIndex),
    /// The host may be visited again.
    Visit,
}

/// Does a task.
pub(crate) async fn work(context: Arc<Context>, task: Task) -> Step {
    match task {
        Task::Node(index) => Step::Ended(index, run(&context, index).await),
        Task::Decide(from, to) => {
            let answer = AssertUnwindSafe(function::decide(&context, from, to)).catch_unwind().await;
            Step::Decided(from, to, answer.unwrap_or_else(|panic| Err(panicked(&*panic))))
        }
        Task::Again(index, pause) => {
            sleep(pause).await;
            Step::Again(index)
        }
        Task::Clock(index, limit) => {
            sleep(limit).await;
            Step::Ended(index, Err(late(limit)))
        }
        Task::Visit(pause) => {
            sleep(pause).await;
            Step::Visit
        }
    }
}

/// Runs a node with its attempts and its clock. A panic in a user's function becomes an error.
async fn run(context: &Context, index: NodeIndex) -> Result<Done> {
    let limit = context.run.node(index)?.node.timeout;
    let mut attempts = pin!(AssertUnwindSafe(attempts(context, index)).catch_unwind());
    tokio::select! {
        biased;
        outcome = &mut attempts => outcome.unwrap_or_else(|panic| Err(panicked(&*panic))),
        () = after(limit) => Err(late(limit.unwrap_or_default())),
    }
}

async fn attempts(context: &Context, index: NodeIndex) -> Result<Done> {
    let mut attempts = 1;
    loop {
        let error = match once(context, index).await {
            Ok(done) => return Ok(done),
            Err(error) => error,
        };
        let policy = context.run.node(index)?.node.retry.as_ref();
        match policy.and_then(|policy| pause(policy, attempts, &error)) {
            Some(pause) => sleep(pause).await,
            None => return Err(error),
        }
        attempts = context.run.try_again(index, &error);
    }
}

/// One attempt, unless its output is kept from another run.
async fn once(context: &Context, index: NodeIndex) -> Result<Done> {
    let (run, node) = (&context.run, context.run.node(index)?);
    run.root.memory.check()?;
    let Some(key) = run.cache_key(index)? else { return handle(context, index, node).await };
    if let Some(output) = run.root.cache.get(&key) {
        return Ok(output.into());
    }
    let done = handle(context, index, node).await?;
    run.root.cache.keep(&key, &done.output);
    Ok(done)
}

/// By kind. All but the most frequent are boxed: a node under way holds as much as the largest of these.
async fn handle(context: &Context, index: NodeIndex, node: &PlanNode) -> Result<Done> {
    match &node.node.kind {
        NodeKind::Agent(agent) => agent::run(context, index, node, agent).await,
        NodeKind::Transform => function::run(context, index, context.run.input_of(index)).await,
        NodeKind::Condition(condition) => condition::run(context, index, node, condition).boxed().await,
        NodeKind::Tool(_) => tool::run(context, index).boxed().await,
        NodeKind::Map(map) => repeat::map(context, index, node, map).boxed().await,
        NodeKind::Join(join) => join::run(context, index, *join),
        NodeKind::Delay(delay) => {
            sleep(delay.duration).await;
            Ok(context.run.input_of(index).into())
        }
        NodeKind::Subgraph(_) => nested::once(context, index).boxed().await,
        NodeKind::Pause(pause) => pause::run(context, index, node, pause).boxed().await,
        NodeKind::Loop(each) => repeat::until(context, index, each).boxed().await,
        other => Err(Error::internal(format!("no handler for a node of kind {}", other.name()))),
    }
}

/// How long to wait before the next attempt, if there is one. What a user's function or a schema refused, the policy may try
/// again; what a layer below has tried often enough, it may not.
pub(crate) fn pause(policy: &RetryPolicy, attempts: u32, error: &Error) -> Option<Duration> {
    let worth_it = error.is_retryable() || matches!(error.code(), ErrorCode::Tool | ErrorCode::Output);
    if !worth_it || attempts > policy.max_retries {
        return None;
    }
    let jittered = policy.delay(attempts).mul_f64(fastrand::f64());
    Some(error.retry_after().map_or(jittered, |advice| advice.max(jittered)))
}

fn late(limit: Duration) -> Error {
    let message = format!("the node took longer than its timeout of {} ms", limit.as_millis());
    Error::new(ErrorCode::Timeout, message).clock("node")
}

pub(crate) fn panicked(panic: &(dyn std::any::Any + Send)) -> Error {
    let text =
        panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    Error::internal(format!("a panic: {}", text.unwrap_or("without a message")))
}
