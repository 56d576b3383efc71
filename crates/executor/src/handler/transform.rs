//! A transform calls its function.

use graphbit_core::{Error, ErrorCode, NodeIndex, Result};

use super::Context;
use crate::BoxError;
use crate::state::Done;

pub(super) async fn run(context: &Context, index: NodeIndex) -> Result<Done> {
    let function = context.run.workflow.function_of(index);
    let function = function.ok_or_else(|| Error::internal("a transform without a function was started"))?;
    let input = std::sync::Arc::unwrap_or_clone(context.run.input_of(index));
    function.call(input).await.map(Done::from).map_err(failure)
}

/// Ours stays what it is; whatever else the program's function says becomes the cause of a `TOOL`.
fn failure(error: BoxError) -> Error {
    match error.downcast::<Error>() {
        Ok(ours) => *ours,
        Err(theirs) => Error::new(ErrorCode::Tool, theirs.to_string()).caused_by(theirs),
    }
}
