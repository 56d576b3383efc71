//! A join puts together what its predecessors gave.

use std::sync::Arc;

use graphbit_core::{Error, Join, NodeIndex, Reduce, Result};
use serde_json::{Map, Value, json};

use super::Context;
use crate::state::Done;

pub(super) fn run(context: &Context, index: NodeIndex, join: Join) -> Result<Done> {
    let mut upstream = context.run.upstream(index);
    let outputs = upstream.iter().map(|(_, output)| &**output);
    Ok(match join.reduce {
        Reduce::Object => Value::Object(
            upstream.iter().map(|(id, output)| ((*id).to_owned(), (**output).clone())).collect::<Map<_, _>>(),
        ),
        Reduce::List => outputs.cloned().collect(),
        Reduce::First => {
            let first = if upstream.is_empty() { Arc::default() } else { upstream.swap_remove(0).1 };
            return Ok(first.into());
        }
        Reduce::Merge => {
            let mut merged = Map::new();
            for (id, output) in &upstream {
                let members = output.as_object().ok_or_else(|| unfit(id, "an object, to merge it"))?;
                merged.extend(members.iter().map(|(name, value)| (name.clone(), value.clone())));
            }
            Value::Object(merged)
        }
        Reduce::Concat => concat(&upstream)?,
        Reduce::Sum => sum(&upstream)?,
        Reduce::Count => json!(upstream.len()),
        _ => return Err(Error::internal("a join of an unknown kind was started")),
    }
    .into())
}

/// Lists make one list, texts one text.
fn concat(upstream: &[(&str, Arc<Value>)]) -> Result<Value> {
    if upstream.iter().all(|(_, output)| output.is_string()) {
        return Ok(upstream.iter().filter_map(|(_, output)| output.as_str()).collect::<String>().into());
    }
    let mut all = Vec::new();
    for (id, output) in upstream {
        let items =
            output.as_array().ok_or_else(|| unfit(id, "a list, or all of them texts, to join them"))?;
        all.extend(items.iter().cloned());
    }
    Ok(Value::Array(all))
}

/// Whole numbers stay whole.
fn sum(upstream: &[(&str, Arc<Value>)]) -> Result<Value> {
    let (mut whole, mut real) = (Some(0_i64), 0.0);
    for (id, output) in upstream {
        whole = whole.zip(output.as_i64()).and_then(|(sum, more)| sum.checked_add(more));
        real += output.as_f64().ok_or_else(|| unfit(id, "a number, to add it"))?;
    }
    Ok(whole.map_or_else(|| json!(real), |whole| json!(whole)))
}

fn unfit(id: &str, wanted: &str) -> Error {
    Error::invalid_input(format!("the output of {id:?} must be {wanted}"))
}
