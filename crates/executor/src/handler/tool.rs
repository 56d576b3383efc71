//! A tool is a function of its arguments.

use graphbit_core::{NodeIndex, Result};

use super::{Context, function};
use crate::state::Done;

pub(super) async fn run(context: &Context, index: NodeIndex) -> Result<Done> {
    function::run(context, index, context.run.call_input(index)?).await
}
