//! Calls a function of the program's.

use std::sync::Arc;

use graphbit_core::{Error, ErrorCode, NodeIndex, Result};
use serde_json::Value;

use super::Context;
use crate::BoxError;
use crate::state::Done;

pub(super) async fn run(context: &Context, index: NodeIndex, input: Arc<Value>) -> Result<Done> {
    let function = context.run.workflow.function_of(index);
    let function = function.ok_or_else(|| Error::internal("a node without a function was started"))?;
    let value = function.call(Arc::unwrap_or_clone(input)).await.map_err(failure)?;
    context.run.checked(index, value).map(Done::from)
}

/// Ours stays what it is; whatever else the program's function says becomes the cause of a `TOOL`.
fn failure(error: BoxError) -> Error {
    match error.downcast::<Error>() {
        Ok(ours) => *ours,
        Err(theirs) => Error::new(ErrorCode::Tool, theirs.to_string()).caused_by(theirs),
    }
}
