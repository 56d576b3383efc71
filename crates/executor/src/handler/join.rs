//! A join collects its predecessors' outputs by id.

use graphbit_core::NodeIndex;
use serde_json::{Map, Value};

use super::Context;
use crate::state::Done;

pub(super) fn run(context: &Context, index: NodeIndex) -> Done {
    let upstream = context.run.upstream(index).into_iter();
    Value::Object(upstream.map(|(id, output)| (id.to_owned(), (*output).clone())).collect::<Map<_, _>>())
        .into()
}
