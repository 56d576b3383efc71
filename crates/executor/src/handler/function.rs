//! Calls a function of the program's.

use std::sync::Arc;

use graphbit_core::{Error, ErrorCode, NodeIndex, Result};
use serde_json::Value;

use super::Context;
use crate::state::Done;
use crate::{BoxError, CallContext, Function};

/// That of a node.
pub(super) async fn run(context: &Context, index: NodeIndex, input: Arc<Value>) -> Result<Done> {
    let function = context.run.workflow.function_of(index);
    let function = function.ok_or_else(|| Error::internal("a node without a function was started"))?;
    let value = call(context, index, &**function, input).await?;
    context.run.checked(index, value).map(Done::from)
}

/// That of an edge, with the output of the node that it comes from.
pub(super) async fn decide(context: &Context, from: NodeIndex, to: NodeIndex) -> Result<Value> {
    let function = context.run.workflow.edge_of(from, to);
    let function = function.ok_or_else(|| Error::internal("an edge without a function was asked"))?;
    call(context, from, &**function, context.run.output_of(from)).await
}

async fn call(
    context: &Context,
    node: NodeIndex,
    function: &dyn Function,
    input: Arc<Value>,
) -> Result<Value> {
    let told = CallContext { run: Arc::clone(&context.run), node };
    function.call_with(Arc::unwrap_or_clone(input), &told).await.map_err(failure)
}

/// Ours stays what it is; whatever else the program's function says becomes the cause of a `TOOL`.
fn failure(error: BoxError) -> Error {
    match error.downcast::<Error>() {
        Ok(ours) => *ours,
        Err(theirs) => Error::new(ErrorCode::Tool, theirs.to_string()).caused_by(theirs),
    }
}
